// A run folder -> the recipe, models and versions that made its images, for the stamp of a measurement.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { presentNames } from '../../shared/run/earlier-names.ts'
import { parseJson } from '../../shared/plain-json.ts'

export interface MadeBy {
  readonly recipe: unknown
  readonly models: unknown
  readonly versions: unknown
  /** Of reconstructions: entries of the VQGAN's codebook, if the record has them. */
  readonly reconstruction?: { readonly codes?: number }
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
    ...(record.spec?.kind === 'reconstruct'
      ? { reconstruction: Number.isSafeInteger(record.codes) ? { codes: record.codes as number } : {} }
      : {}),
    classOf: (image) => (classes.length > 0 ? classes[image % classes.length] : undefined),
  }
}
