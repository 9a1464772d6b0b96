// verdict.json -> a verdict, its looks, and the state of each of its settings.
import { join } from 'node:path'
import * as z from 'zod'
import { VerdictSpecSchema, type VerdictSpec } from '../../../shared/run/run.ts'
import { LookSchema, type Look } from '../../../shared/verdict/verdict.ts'
import { subfolders } from '../../bytes/index.ts'
import { readRecord, recordVersion, type WorkRecord } from '../../records/recipe.ts'
import { isVerdict, VERDICT_RECORD } from '../../records/workspace.ts'
import { CellRecordSchema, type CellRecord } from '../sweep/sweep-record.ts'

/** `verdict.json`. */
export interface VerdictRecord extends WorkRecord {
  readonly app: string
  /** As last requested. */
  readonly spec: VerdictSpec
  /** The settings. */
  readonly cells: readonly CellRecord[]
  readonly looks: readonly Look[]
  readonly started: string
  readonly ended?: string
}

const text = z.string()
export const VerdictRecordSchema: z.ZodType<VerdictRecord> = z.object({
  schema: recordVersion,
  app: text,
  recipe: z.unknown(),
  spec: VerdictSpecSchema,
  cells: z.array(CellRecordSchema).min(2),
  looks: z.array(LookSchema),
  started: text,
  ended: text.exactOptional(),
})

/** Undefined if there is none, it has another version or is damaged. */
export const readVerdictRecord = (folder: string): Promise<VerdictRecord | undefined> =>
  readRecord(join(folder, VERDICT_RECORD), VerdictRecordSchema).catch(() => undefined)

/** Ids of the verdicts of a workspace. */
export async function findVerdicts(workspace: string): Promise<string[]> {
  const names = await subfolders(join(workspace, 'verdicts')).catch(() => [])
  return names.filter(
    (name) => /^[A-Za-z0-9][\w.-]{0,127}$/.test(name) && isVerdict(join(workspace, 'verdicts', name)),
  )
}
