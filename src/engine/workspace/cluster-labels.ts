// Labels of a codebook's clusters on disk: one JSON file, which is the record, and the same as CSV beside it.
//   STEM.SHA8.clusters.json, .csv    beside the codebook's file STEM.npy, where that folder can be written
//   WORKSPACE/labels/...             else, and for the demo, which belongs to the program
// SHA8 begins the codebook's sha256, so that labels are found again when files are renamed, and by no other codebook.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { z } from 'zod'
import {
  ClusterLabelSchema,
  isEmptyLabel,
  labelsToCsv,
  type ClusterLabel,
  type LabelEdit,
} from '../../shared/atlas/cluster-labels.ts'
import { ConflictError, FormatError, RequestError } from '../../shared/errors.ts'
import { writeFileAtomic } from '../bytes/index.ts'
import { demoFolder } from '../model-set/resources.ts'
import { isInside } from './kept-models.ts'
import { editLocked } from '../records/edit-lock.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** Where the labels of a codebook are stored. */
export interface LabelPlace {
  /** The JSON file. */
  readonly path: string
  /** Read where `path` is not there yet: labels that came with a codebook in a folder that cannot be written. */
  readonly first?: string
  readonly beside: boolean
  readonly why?: string
}

const LabelFileSchema = z.object({
  schema: z.literal(1),
  codebook: z.string(),
  labels: z.array(ClusterLabelSchema),
})

/** @param codebook file and sha256, as the atlas has recorded them */
export async function labelPlace(
  codebook: { readonly path: string; readonly sha256: string },
  workspace: string,
): Promise<LabelPlace> {
  const folder = dirname(codebook.path)
  const kept = join(workspace, 'labels')
  const ending = `.${codebook.sha256.slice(0, 8)}.clusters.json`
  const name = basename(codebook.path, extname(codebook.path)) + ending
  const there = await fileEnding(folder, ending)
  const why = await notBeside(folder)
  if (there !== undefined && why === undefined) return { path: there, beside: true }
  const own = await fileEnding(kept, ending)
  if (own === undefined && why === undefined) return { path: join(folder, name), beside: true }
  return {
    path: own ?? join(kept, name),
    beside: false,
    why: why ?? 'it was started there',
    ...(there === undefined ? {} : { first: there }),
  }
}

/** Throws FormatError for a file that cannot be understood; it is left as it is. */
export async function readClusterLabels({ path, first }: LabelPlace): Promise<readonly ClusterLabel[]> {
  const text = (await textOf(path)) ?? (first === undefined ? undefined : await textOf(first))
  if (text === undefined) return []
  try {
    const { success, data, error } = LabelFileSchema.safeParse(parseJson(text))
    if (success) return data.labels.sort((a, b) => a.entry - b.entry)
    throw new Error(`${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`)
  } catch (error) {
    throw new FormatError(basename(path), (error as Error).message)
  }
}

/**
 * Applies all of these edits to the current file. Throws ConflictError if someone else has changed one of
 * these entries since it was read: no edit is silently lost.
 */
export async function changeClusterLabels(
  place: LabelPlace,
  codebook: { readonly sha256: string; readonly entries: number },
  edits: readonly LabelEdit[],
): Promise<readonly ClusterLabel[]> {
  const beyond = edits.find(({ entry }) => entry >= codebook.entries)
  if (beyond)
    throw new RequestError(
      `cluster ${beyond.entry}: out of range (the codebook has 0 to ${codebook.entries - 1})`,
    )
  await mkdir(dirname(place.path), { recursive: true })
  return editLocked(`${place.path}.lock`, async () => {
    const before = await readClusterLabels(place)
    const labels = new Map(before.map((label) => [label.entry, label]))
    const changed = new Date().toISOString()
    for (const { seen, ...edit } of edits) {
      const there = labels.get(edit.entry)
      if (there?.changed !== seen) throw changedMeanwhile(edit.entry, there)
      if (isEmptyLabel(edit)) labels.delete(edit.entry)
      else labels.set(edit.entry, { ...edit, changed: later(changed, there?.changed) })
    }
    const sorted = [...labels.values()].sort((a, b) => a.entry - b.entry)
    const json = { schema: 1, codebook: codebook.sha256, labels: sorted }
    await writeFileAtomic(place.path, JSON.stringify(json, null, 1) + '\n')
    await writeFileAtomic(place.path.replace(/\.json$/, '.csv'), labelsToCsv(sorted))
    return sorted
  })
}

/** Also distinguishes two changes within one millisecond. */
const later = (now: string, before = ''): string =>
  now > before ? now : new Date(Date.parse(before) + 1).toISOString()

const changedMeanwhile = (entry: number, there: ClusterLabel | undefined) =>
  new ConflictError(
    there
      ? `cluster ${entry} was changed elsewhere; its label is now '${there.label}'`
      : `the label of cluster ${entry} was removed elsewhere`,
  )

/** Why labels cannot be stored in this folder; undefined if they can. */
async function notBeside(folder: string): Promise<string | undefined> {
  if (isInside(folder, demoFolder())) return 'the demo is part of the program'
  const probe = join(folder, `.digit-labels-${process.pid}`)
  try {
    // Permissions reported by the system are not always correct.
    await writeFile(probe, '')
    await rm(probe, { force: true })
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? "the codebook's folder no longer exists"
      : "the codebook's folder is not writable"
  }
}

async function fileEnding(folder: string, ending: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [])
  const found = names.sort().find((name) => name.endsWith(ending))
  return found === undefined ? undefined : join(folder, found)
}

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new FormatError(basename(path), error.message)
  })
