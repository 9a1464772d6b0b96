// Labels, notes and tags that people give to clusters, as pages edit them and files store them.
import * as z from 'zod'
import { FormatError } from '../errors.ts'
import type { CallSchemas } from '../rpc/serve.ts'
import { parseJson } from '../plain-json.ts'
import { csvRows, csvText } from '../text/csv.ts'

const MAX_LABELS = 2 ** 16
const text = (most: number) => z.string().max(most)
const entry = z
  .number()
  .int()
  .min(0)
  .max(MAX_LABELS - 1)
const tags = z.array(text(60).min(1)).max(40)

export const ClusterLabelSchema = z.object({
  entry,
  label: text(200),
  note: text(4000),
  tags,
  /** ISO time of the last change. */
  changed: z.iso.datetime(),
})
export interface ClusterLabel {
  readonly entry: number
  readonly label: string
  readonly note: string
  readonly tags: readonly string[]
  readonly changed: string
}

/** New label, note and tags of an entry; all empty removes the label. */
export const LabelEditSchema = z.object({
  entry,
  label: text(200),
  note: text(4000),
  tags,
  /** `changed` of the version this edit started from; absent if the entry had no label. */
  seen: text(40).optional(),
})
export interface LabelEdit extends Omit<ClusterLabel, 'changed'> {
  readonly seen?: string | undefined
}

export interface ClusterLabels {
  /** Ascending by entry. */
  readonly labels: readonly ClusterLabel[]
  /** Name of the file that stores them, or will. */
  readonly file: string
  /** Next to the codebook, or in the workspace and the reason for that. */
  readonly beside: boolean
  readonly why?: string
}

export interface LabelApi {
  /** Labels of an atlas's codebook: shared by all atlases of that codebook. */
  readLabels(atlas: string): Promise<ClusterLabels>
  /** Rejected as a whole if someone else has changed one of these entries in the meantime. */
  setLabels(atlas: string, edits: readonly LabelEdit[]): Promise<ClusterLabels>
}
export interface LabelEvents {
  labelsChanged(atlas: string, labels: ClusterLabels): void
}
export const labelCalls = (atlas: z.ZodType<string>): CallSchemas<LabelApi> => ({
  readLabels: z.tuple([atlas]),
  setLabels: z.tuple([atlas, z.array(LabelEditSchema).min(1).max(MAX_LABELS)]),
})

export const isEmptyLabel = ({ label, note, tags }: Omit<LabelEdit, 'entry'>): boolean =>
  label === '' && note === '' && tags.length === 0

const COLUMNS = ['cluster', 'label', 'tags', 'note', 'changed'] as const
const TAG_SEPARATOR = '; '

/** Labels as a table for other programs (RFC 4180), tags separated by semicolons. */
export function labelsToCsv(labels: readonly ClusterLabel[]): string {
  const rows = labels.map(({ entry, label, tags, note, changed }) => [
    entry,
    label,
    tags.join(TAG_SEPARATOR),
    note,
    changed,
  ])
  return csvText([COLUMNS, ...rows])
}

/**
 * Labels from a CSV or JSON file written by this program; a CSV may have its columns in any order, and
 * additional ones.
 * @param entries size of the codebook
 * Throws FormatError with the line and the problem.
 */
export function textToLabels(name: string, text: string, entries: number): Omit<ClusterLabel, 'changed'>[] {
  const found = text.trimStart().startsWith('{') ? fromJson(name, text) : fromCsv(name, text)
  const seen = new Set<number>()
  for (const { entry } of found) {
    if (entry >= entries)
      throw new FormatError(name, `cluster ${entry}: out of range (the codebook has 0 to ${entries - 1})`)
    if (seen.has(entry)) throw new FormatError(name, `cluster ${entry}: listed twice`)
    seen.add(entry)
  }
  if (found.length === 0) throw new FormatError(name, 'contains no labels')
  return found
}

function fromJson(name: string, text: string): Omit<ClusterLabel, 'changed'>[] {
  let parsed: unknown
  try {
    parsed = parseJson(text)
  } catch (error) {
    throw new FormatError(name, (error as Error).message)
  }
  const { success, data, error } = z.object({ labels: z.array(ClusterLabelSchema) }).safeParse(parsed)
  if (success) return data.labels
  const [issue] = error.issues
  throw new FormatError(name, `${issue!.path.join('.')}: ${issue!.message}`)
}

function fromCsv(name: string, text: string): Omit<ClusterLabel, 'changed'>[] {
  const [head = [], ...rows] = csvRows(text.replace(/^\ufeff/, ''))
  const at = (column: string) => head.findIndex((title) => title.trim().toLowerCase() === column)
  if (at('cluster') < 0 || at('label') < 0)
    throw new FormatError(
      name,
      `unexpected columns (found ${head.join(', ')}, expected at least cluster and label)`,
    )
  return rows.map((row, i) => {
    const cell = (column: string) => row[at(column)]?.trim() ?? ''
    const value = {
      entry: cell('cluster') === '' ? NaN : Number(cell('cluster')),
      label: cell('label'),
      note: cell('note'),
      tags: cell('tags')
        .split(';')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    }
    const { success, data, error } = LabelEditSchema.omit({ seen: true }).safeParse(value)
    if (success) return data
    throw new FormatError(
      name,
      `row ${i + 2}: ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`,
    )
  })
}
