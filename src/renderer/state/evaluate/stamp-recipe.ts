// The recipe and models that a stamp carries of samples this program made -> rows for a person.
import type { Stamp } from '../../../shared/evaluation/evaluation.ts'

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

export interface StampRow {
  readonly name: string
  readonly text: string
  readonly hash?: string
}

/** `Recipe` in one line, and a row a model; none for samples of other origin. */
export function recipeRows({ recipe, models }: Stamp): StampRow[] {
  const rows: StampRow[] = recipe === undefined ? [] : [{ name: 'Recipe', text: flat(recipe).join(', ') }]
  const files = Array.isArray(models) ? models.map(object) : []
  return [
    ...rows,
    ...files.map(({ role, path, sha256 }, i) => ({
      name: i === 0 ? 'Models' : '',
      text: `${String(role)} ${String(path)} ${String(sha256).slice(0, 12)}`,
    })),
  ]
}

/** `sampling1.temperature 1`; hashes are among the models. */
function flat(value: unknown, name = ''): string[] {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return []
  if (Array.isArray(value) && value.length > 8) return [`${name} (${value.length} values)`]
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, name === '' ? key : `${name}.${key}`))
  return value === undefined || value === null
    ? []
    : [`${name} ${Array.isArray(value) ? value.join(' ') : String(value)}`]
}
