// Cluster labels: read once per atlas, edited with undo, imported from a file.
import { shallowRef } from 'vue'
import {
  textToLabels,
  type ClusterLabel,
  type ClusterLabels,
  type LabelEdit,
} from '../../../shared/atlas/cluster-labels.ts'
import { asking, problemOf, valueOf } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { dismissNotice, notify } from '../app/notices.ts'
import { attempt } from '../app/problems.ts'
import { countWords } from '../app/words.ts'

const found = asking(8, (key) => calls().readLabels(key.slice(0, -1)))
/** The inverse of one edit: the labels before it. */
interface Step {
  readonly atlas: string
  readonly before: readonly LabelEdit[]
  /** `changed` of each entry before the edit. */
  readonly began: ReadonlyMap<number, string | undefined>
}
const steps = shallowRef<readonly Step[]>([])
const MOST_STEPS = 100

export const labelsOf = (atlas: string): ClusterLabels | undefined => valueOf(found.of(`${atlas}/`))
export const labelsProblem = (atlas: string): string | undefined => problemOf(found.of(`${atlas}/`))
export const labelOf = (atlas: string, entry: number): ClusterLabel | undefined =>
  labelsOf(atlas)?.labels.find((label) => label.entry === entry)

/** Labels changed, here or in another window; other atlases may share the codebook. */
export function putLabels(atlas: string, labels: ClusterLabels): void {
  found.put(`${atlas}/`, () => Object.freeze(labels))
  found.again()
}
/** Another program may have changed them. */
export const refreshLabels = (): void => found.again()
export const retryLabels = (): void => found.forget('')

/** False if refused, which is reported: `edit.seen` no longer matches the file. */
export async function setLabel(atlas: string, edit: LabelEdit): Promise<boolean> {
  const done = await change(atlas, [edit])
  if (done) tellOf(`Label of cluster ${edit.entry} saved.`)
  return done
}

/** Imports labels from a CSV or JSON file; labels of other clusters are kept. */
export async function importLabels(atlas: string, entries: number, file: File): Promise<void> {
  await attempt('Could not import the labels', async () => {
    const words = textToLabels(file.name, await file.text(), entries)
    const edits = words.map(({ entry, label, note, tags }): LabelEdit => ({
      entry,
      label,
      note,
      tags,
      seen: labelOf(atlas, entry)?.changed,
    }))
    if (await change(atlas, edits)) tellOf(`${countWords(edits.length)} labels imported from ${file.name}.`)
  })
}

/** Its Undo reverts the last edit, so the notice of an earlier edit is replaced. */
let told: number | undefined
function tellOf(text: string): void {
  if (told !== undefined) dismissNotice(told)
  told = notify(text, { text: 'Undo', press: () => void undoLabel() })
}

/** One change after the other: an undo needs the times that the change before it has got. */
let line: Promise<unknown> = Promise.resolve()
function inLine<T>(work: () => Promise<T>): Promise<T> {
  const done = line.then(work)
  line = done.catch(() => {})
  return done
}

/** Reverts the last edit; labels changed by others since then are not touched. */
export const undoLabel = (): Promise<void> => inLine(undoLast)

async function undoLast(): Promise<void> {
  const last = steps.value.at(-1)
  if (!last) return
  const rest = steps.value.slice(0, -1)
  steps.value = rest
  if (told !== undefined) dismissNotice(told)
  const now = await send(last.atlas, last.before)
  if (!now) return
  // Earlier edits of these clusters led to the restored labels, which now have a new time.
  const renewed = (edit: LabelEdit): LabelEdit =>
    last.began.has(edit.entry) && edit.seen === last.began.get(edit.entry)
      ? { ...edit, seen: now.get(edit.entry) }
      : edit
  steps.value = rest.map((step) => ({ ...step, before: step.before.map(renewed) }))
}

const change = (atlas: string, edits: readonly LabelEdit[]): Promise<boolean> =>
  inLine(() => changeNow(atlas, edits))

async function changeNow(atlas: string, edits: readonly LabelEdit[]): Promise<boolean> {
  const former = new Map(labelsOf(atlas)?.labels.map((label) => [label.entry, label]))
  const now = await send(atlas, edits)
  if (!now) return false
  const before = edits.map(({ entry }): LabelEdit => {
    const { label = '', note = '', tags = [] } = former.get(entry) ?? {}
    return { entry, label, note, tags, seen: now.get(entry) }
  })
  const began = new Map(edits.map(({ entry, seen }) => [entry, seen]))
  steps.value = [...steps.value, { atlas, before, began }].slice(-MOST_STEPS)
  return true
}

/** The change time of each label, once the edits are saved. */
async function send(atlas: string, edits: readonly LabelEdit[]): Promise<Map<number, string> | undefined> {
  const labels = await attempt('Could not save the label', () => calls().setLabels(atlas, edits))
  if (labels) putLabels(atlas, labels)
  // Show the other edit, so that the next one starts from it.
  else refreshLabels()
  return labels && new Map(labels.labels.map(({ entry, changed }) => [entry, changed]))
}
