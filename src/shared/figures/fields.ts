// The schema of figure.json -> the fields of a form: panels are described in one place only.
import * as z from 'zod'
import { FigureSchema } from './figure.ts'
import { PanelSchema, type Panel } from './panels.ts'

export type FieldKind =
  | { readonly kind: 'number'; readonly whole: boolean; readonly least?: number; readonly most?: number }
  | { readonly kind: 'text' | 'switch' | 'texts' | 'numbers' | 'points' | 'cells' | 'image' | 'images' }
  /** `choice`: one of the values; `choices`: some of them, in order. */
  | { readonly kind: 'choice' | 'choices'; readonly values: readonly string[] }
  /** `group`: an object; `list`: objects one after another. */
  | { readonly kind: 'group'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly fields: readonly Field[] }

export type Field = FieldKind & {
  readonly name: string
  readonly words: string
  readonly hint?: string
  /** May be absent; the value is then `fallback`. */
  readonly optional: boolean
  readonly fallback?: unknown
}

/** The part of JSON Schema that zod uses for these. */
interface Node {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly default?: unknown
  readonly anyOf?: readonly Node[]
  readonly items?: Node
  readonly prefixItems?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/** Labels and hints for names that are unclear or need a unit. */
const WORDS: Readonly<Record<string, readonly [words: string, hint?: string]>> = {
  aspect: ['Height', 'of the axes, relative to the panel width'],
  at: ['Shares', 'fractions of the steps, one per column: 0.25, 0.5, 1'],
  bars: ['Error bars', 'what half of a bar is'],
  best: ['Best', 'set in bold'],
  caption: ['Own caption', 'in LaTeX, instead of the one below'],
  cell: ['Cell', 'from 0, in reading order'],
  cellLabels: ['Below images', 'one line per image'],
  columnLabels: ['Above columns', 'one line per column'],
  dpi: ['Dots per inch', 'of images and of everything in the PNG'],
  enlarge: ['Enlarge', "how images coarser than the paper's resolution are drawn"],
  family: ['Font'],
  from: ['From'],
  groups: ['Groups'],
  gutter: ['Gutter (pt)', 'space between images, in points'],
  images: ['Images'],
  label: ['Label'],
  letters: ['Panel letters (a), (b)'],
  line: ['Line'],
  names: ['Names', 'next to points'],
  opacity: ['Opacity'],
  point: ['Point', 'from 0'],
  points: ['Points', 'one per line: x, y'],
  region: ['Part', 'in pixels of the image'],
  rowLabels: ['Row labels', 'one line per row'],
  rows: ['Rows', 'one row per line; cells separated by tabs or |'],
  rules: ['Rules', 'lines above these rows, counted from 1'],
  samples: ['Samples shown'],
  selection: ['Selection', 'in your own words, in place of what the panels state'],
  share: ['Width', 'relative to the other panels of the row'],
  size: ['Size'],
  to: ['To'],
  tokenColours: ['Token colors', 'of panels that show tokens; none: the hues of earlier versions'],
  tokens: ['Tokens', 'token to outline; without one, all tokens are shown as colours'],
  x: ['x'],
  y: ['y'],
}

const inWords = (name: string): string => {
  const text = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function kindOf(node: Node): FieldKind | undefined {
  const { items } = node
  if (node.enum) return { kind: 'choice', values: node.enum }
  if (node.anyOf?.some(({ properties }) => properties?.run)) return { kind: 'image' }
  if (node.type === 'string') return { kind: 'text' }
  if (node.type === 'boolean') return { kind: 'switch' }
  if (node.type === 'number' || node.type === 'integer')
    return {
      kind: 'number',
      whole: node.type === 'integer',
      ...(node.minimum === undefined ? {} : { least: node.minimum }),
      // zod writes the largest safe integer if there is no limit.
      ...(node.maximum === undefined || node.maximum > 2 ** 50 ? {} : { most: node.maximum }),
    }
  if (node.type === 'object' && node.properties) return { kind: 'group', fields: fieldsOf(node) }
  if (node.type !== 'array' || !items) return undefined
  if (items.enum) return { kind: 'choices', values: items.enum }
  if (items.prefixItems) return { kind: 'points' }
  if (items.type === 'string') return { kind: 'texts' }
  if (items.type === 'number' || items.type === 'integer') return { kind: 'numbers' }
  if (items.type === 'array') return { kind: 'cells' }
  if (items.properties) return { kind: 'list', fields: fieldsOf(items) }
  return kindOf(items)?.kind === 'image' ? { kind: 'images' } : undefined
}

function fieldsOf({ properties = {}, required = [] }: Node): Field[] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const kind = kindOf(node)
    // `how` describes measured values: it comes with them and is not written by hand.
    if (node.const !== undefined || !kind || name === 'how') return []
    const [words = inWords(name), hint] = WORDS[name] ?? []
    return {
      ...kind,
      name,
      words,
      ...(hint === undefined ? {} : { hint }),
      optional: !required.includes(name),
      ...(node.default === undefined ? {} : { fallback: node.default }),
    }
  })
}

const jsonSchema = (schema: z.ZodType): Node => z.toJSONSchema(schema, { io: 'input' }) as unknown as Node

const PANEL_FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  PanelSchema.options.map((option) => [option.shape.kind.value, fieldsOf(jsonSchema(option))]),
)

/** Fields of this kind of panel, in schema order. */
export const panelFields = (kind: Panel['kind']): readonly Field[] => PANEL_FIELDS.get(kind)!

/** Fields of the figure itself; its page is a separate choice; rows, images and colours are not form fields. */
export const FIGURE_FIELDS: readonly Field[] = fieldsOf(jsonSchema(FigureSchema)).filter(
  ({ name }) => name !== 'rows' && name !== 'images' && name !== 'colours',
)
