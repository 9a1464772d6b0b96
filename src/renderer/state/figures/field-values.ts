// Form values <-> text; and initial values of optional fields.
import type { Field } from '../../../shared/figures/fields.ts'
import { refKey, type ImageRef } from '../../../shared/figures/image-ref.ts'
import type { LaidOut } from '../../../shared/figures/figures.ts'
import type { PanelDraft } from './draft.ts'

/** `0,1 2` and `0, 1` are two numbers; anything else stays as typed, for the schema to report. */
const numbersOf = (line: string): (number | string)[] =>
  line
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((word) => (Number.isNaN(Number(word)) ? word : Number(word)))

const lines = (text: string): string[] => text.replace(/\n+$/, '').split('\n')

const cellOf = (text: string): string | number => {
  const trimmed = text.trim()
  return trimmed !== '' && /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed
}

/** The value of a text area; undefined if it is empty and the field is optional. */
export function textToValue(text: string, { kind, optional }: Field): unknown {
  if (text.trim() === '' && optional) return undefined
  switch (kind) {
    case 'texts':
      return text.trim() === '' ? [] : lines(text)
    case 'numbers':
      return numbersOf(text)
    case 'points':
      return text.trim() === ''
        ? []
        : lines(text)
            .filter((line) => line.trim() !== '')
            .map(numbersOf)
    case 'cells':
      return lines(text).map((line) => line.split(line.includes('\t') ? '\t' : '|').map(cellOf))
    default:
      return text
  }
}

export function valueToText(value: unknown, { kind }: Field): string {
  if (value === undefined || value === null) return ''
  if (!Array.isArray(value)) return String(value as string)
  switch (kind) {
    case 'texts':
      return value.join('\n')
    case 'numbers':
      return value.join(', ')
    case 'points':
      return (value as unknown[][]).map((point) => point.join(', ')).join('\n')
    case 'cells':
      return (value as unknown[][]).map((row) => row.join(' | ')).join('\n')
    default:
      return ''
  }
}

/** Initial value of an optional field or a new list entry. */
export function freshValue(name: string, panel: PanelDraft | undefined, laid: LaidOut | undefined): unknown {
  const first = panel && 'images' in panel ? (panel.images[0] as ImageRef | undefined) : undefined
  const [width, height] = (first && laid?.sizes[refKey(first)]) ?? [64, 64]
  const middle = {
    x: Math.floor(width / 4),
    y: Math.floor(height / 4),
    width: Math.max(1, Math.floor(width / 2)),
    height: Math.max(1, Math.floor(height / 2)),
  }
  const quarter = {
    ...middle,
    width: Math.max(1, Math.floor(width / 4)),
    height: Math.max(1, Math.floor(height / 4)),
  }
  switch (name) {
    case 'crop':
      return middle
    case 'overlay':
      return { grid: 'discriminative', tokens: [] }
    case 'insets':
      return { cell: 0, region: quarter }
    case 'series':
      return { label: 'series', points: [] }
    case 'references':
      return { label: 'published', y: 0 }
    case 'columns':
      return { label: 'column' }
    case 'names':
      return { point: 0, label: 'name' }
    default:
      return {}
  }
}
