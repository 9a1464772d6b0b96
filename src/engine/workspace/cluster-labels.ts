// Labels of a codebook's clusters on disk: one JSON file, which is the record, and the same as CSV beside it.
//   STEM.SHA8.clusters.json, .csv    beside the codebook's file STEM.npy, where that folder can be written
//   WORKSPACE/labels/...             else, and for the demo, which belongs to the program
// SHA8 begins the codebook's sha256, so that labels are found again when files are renamed, and by no other codebook; of a
// codebook in a file with several it is hashed with the prefix.
import { createHash } from 'node:crypto'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import * as z from 'zod'
import {
  ClusterLabelSchema,
  isEmptyLabel,
  labelsToCsv,
  type ClusterLabel,
  type LabelEdit,
} from '../../shared/atlas/cluster-labels.ts'
import { ConflictError, RequestError } from '../../shared/errors.ts'
import { fileHash } from '../../shared/models/model-hash.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import { demoFolder } from '../model-set/resources.ts'
import { isInside } from './kept-models.ts'
import { readJsonFile } from '../records/json-file.ts'
import { editLocked } from '../records/edit-lock.ts'

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

type Codebook = { readonly path: string; readonly sha256: string }

/**
 * Next to the codebook only where it is: an atlas may come from somebody else, and the path in it lead anywhere.
 * @param codebook file and sha256, as the atlas has recorded them
 */
export async function labelPlace(codebook: Codebook, workspace: string): Promise<LabelPlace> {
  const folder = dirname(codebook.path)
  const kept = join(workspace, 'labels')
  const ending = `.${mark(codebook.sha256)}.clusters.json`
  const name = basename(codebook.path, extname(codebook.path)) + ending
  const there = await fileEnding(folder, ending)
  const why = await notBeside(codebook, there)
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
  const file =
    (await readJsonFile(path, LabelFileSchema)) ??
    (first === undefined ? undefined : await readJsonFile(first, LabelFileSchema))
  return file ? file.labels.sort((a, b) => a.entry - b.entry) : []
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
  await makeFolder(dirname(place.path))
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

/** Why labels cannot be stored next to the codebook; undefined if they can. `labels` are there already. */
async function notBeside(codebook: Codebook, labels: string | undefined): Promise<string | undefined> {
  const folder = dirname(codebook.path)
  if (isInside(folder, demoFolder())) return 'the demo is part of the program'
  if (!(await stat(folder).catch(() => undefined))) return "the codebook's folder no longer exists"
  if (!(await isOf(codebook, labels))) return 'the codebook was moved or changed'
  const probe = join(folder, `.digit-labels-${process.pid}`)
  try {
    // Permissions reported by the system are not always correct.
    await writeFile(probe, '')
    await rm(probe, { force: true })
    return undefined
  } catch {
    return "the codebook's folder is not writable"
  }
}

/** SHA8 of a codebook. */
const mark = (sha256: string): string =>
  (sha256.includes('#') ? createHash('sha256').update(sha256).digest('hex') : sha256).slice(0, 8)

/** Whether the codebook is where the atlas says, or labels of it are. */
async function isOf({ path, sha256 }: Codebook, labels: string | undefined): Promise<boolean> {
  const file = labels && (await readJsonFile(labels, LabelFileSchema).catch(() => undefined))
  return (file && file.codebook === sha256) || (await hashOf(path)) === fileHash(sha256)
}

/** Hashes by path and state of the file: a codebook may be in a checkpoint of a gigabyte. */
const hashes = new Map<string, Promise<string>>()
async function hashOf(path: string): Promise<string | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined)
  if (!info?.isFile()) return undefined
  const key = [path, info.ino, info.size, info.mtimeNs, info.ctimeNs].join('|')
  const hash = hashes.get(key) ?? fileToSha256(path)
  hashes.set(key, hash)
  return hash.catch(() => undefined)
}

async function fileEnding(folder: string, ending: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [])
  const found = names.sort().find((name) => name.endsWith(ending))
  return found === undefined ? undefined : join(folder, found)
}
