// sweep.json and its folders -> a sweep and the progress of each cell.
import { join } from 'node:path'
import * as z from 'zod'
import { FormatError } from '../../../shared/errors.ts'
import type { Stamp } from '../../../shared/evaluation/evaluation.ts'
import { SweepSpecSchema, type SweepSpec } from '../../../shared/run/run.ts'
import type { Cell } from '../../../shared/sweep/plan.ts'
import { subfolders } from '../../bytes/index.ts'
import { cellFolder, finishedImages, isSweep, SWEEP_RECORD, sweepFolder } from '../../records/workspace.ts'
import { lastListed, METRICS_FILE } from '../../records/stamps.ts'
import { readRecord, recordVersion, type WorkRecord } from '../../records/recipe.ts'

/** A checkpoint on an axis. */
export interface SweptModel {
  readonly sha256: string
  /** Finished epochs, if the file records them. */
  readonly epoch?: number
  readonly updates?: number
}

export type CellRecord = Pick<Cell, 'name' | 'values'>

/** `sweep.json`. */
export interface SweepRecord extends WorkRecord {
  readonly app: string
  /** As last requested. */
  readonly spec: SweepSpec
  /** All cells, including those of earlier requests. */
  readonly cells: readonly CellRecord[]
  /** By path. */
  readonly checkpoints: Readonly<Record<string, SweptModel>>
  readonly started: string
  readonly ended?: string
}

export interface CellState {
  readonly name: string
  readonly values: Cell['values']
  /** Finished images. */
  readonly images: number
  /** Its last measurement. */
  readonly stamp: Stamp | undefined
}

/** Folders read at once: enough to hide the disk, few enough to leave handles for a current run. */
const FOLDERS_AT_ONCE = 16

const text = z.string()
/** One folder, not a way to another. */
const folderName = text.regex(/^(?!\.{1,2}$)[^/\\\0]{1,255}$/, 'not the name of a folder')

export const CellRecordSchema: z.ZodType<CellRecord> = z.object({
  name: folderName,
  values: z.record(text, z.union([z.number(), text])),
})

export const SweepRecordSchema: z.ZodType<SweepRecord> = z.object({
  schema: recordVersion,
  app: text,
  recipe: z.unknown(),
  spec: SweepSpecSchema,
  cells: z.array(CellRecordSchema),
  checkpoints: z.record(
    text,
    z.object({
      sha256: text,
      epoch: z.number().exactOptional(),
      updates: z.number().exactOptional(),
    }),
  ),
  started: text,
  ended: text.exactOptional(),
})

/** Undefined if there is none, it has another version or is damaged. */
export const readSweepRecord = (folder: string): Promise<SweepRecord | undefined> =>
  readRecord(join(folder, SWEEP_RECORD), SweepRecordSchema).catch(() => undefined)

export async function cellState(sweep: string, { name, values }: CellRecord): Promise<CellState> {
  const folder = cellFolder(sweep, name)
  const images = await finishedImages(join(folder, 'images')).catch(() => [])
  return { name, values, images: images.length, stamp: await lastStamp(folder) }
}

/** Cell states in the order of the record. */
export async function cellStates(sweep: string, { cells }: SweepRecord): Promise<CellState[]> {
  const states: CellState[] = []
  for (let from = 0; from < cells.length; from += FOLDERS_AT_ONCE) {
    const batch = cells.slice(from, from + FOLDERS_AT_ONCE)
    states.push(...(await Promise.all(batch.map((cell) => cellState(sweep, cell)))))
  }
  return states
}

/** The last measurement of a cell; none if that line cannot be read, so that the cell is measured again. */
export async function lastStamp(folder: string): Promise<Stamp | undefined> {
  try {
    return await lastListed(join(folder, METRICS_FILE), () => true)
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** Ids of the sweeps of a workspace. */
export async function findSweeps(workspace: string): Promise<string[]> {
  const named = (folder: string) => subfolders(join(workspace, folder)).catch(() => [])
  const names = new Set([...(await named('sweeps')), ...(await named('runs'))])
  return [...names].filter((name) => isId(name) && isSweep(sweepFolder(workspace, name)))
}

const isId = (name: string) => /^[A-Za-z0-9][\w.-]{0,127}$/.test(name)
