// A run folder -> the recipe, models and versions that made its images, for the stamp of a measurement.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { parseJson } from '../../shared/plain-json.ts'
import { CodebooksSchema, type Codebooks } from './image-record.ts'

export interface MadeBy {
  readonly recipe: unknown
  readonly models: unknown
  readonly versions: unknown
  /** As far as the record has them. */
  readonly codebooks: Codebooks
  readonly isReconstruction: boolean
  /** Class of image i, if the run has classes. */
  classOf(image: number): number | undefined
}

/** Undefined for a folder without a record of a run that made images. */
export async function readRunOf(folder: string): Promise<MadeBy | undefined> {
  const text = await readFile(join(folder, 'run.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  let record: {
    recipe?: unknown
    models?: unknown
    versions?: unknown
    codebooks?: unknown
    codes?: unknown
    spec?: { kind?: unknown; classes?: unknown }
  }
  try {
    record = presentNames(parseJson(text)) as typeof record
  } catch {
    return undefined
  }
  if (typeof record !== 'object' || record === null || record.recipe === undefined) return undefined
  const asked = record.spec?.classes
  const isClass = (label: unknown): label is number => Number.isSafeInteger(label) && (label as number) >= 0
  // Images take their classes by their numbers: one that is left out would give all others another.
  const classes = Array.isArray(asked) && asked.every(isClass) ? asked : []
  return {
    recipe: record.recipe,
    models: record.models,
    versions: record.versions,
    // The first reconstructions had only that of the VQGAN.
    codebooks: CodebooksSchema.safeParse(record.codebooks ?? { codes: record.codes }).data ?? {},
    isReconstruction: record.spec?.kind === 'reconstruct',
    classOf: (image) => (classes.length > 0 ? classes[image % classes.length] : undefined),
  }
}
