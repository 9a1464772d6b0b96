// The recipe of an image -> table rows, each with the settings that restore its value.
import { precisionOf } from '../../../shared/run/precision.ts'
import type { ImageDetails } from '../../../shared/contract/api.ts'
import type { ModelFile, ModelSet } from '../../../shared/models/models.ts'
import { FAMILIES, familyOf, type FamilyName } from '../../../shared/generators/families.ts'
import { settingText, SETTINGS } from '../../../shared/generators/settings.ts'
import { GRID_NAMES, type GridName } from '../../../shared/grid/layout.ts'
import { shortHash } from '../../../shared/models/model-hash.ts'
import { recordedGenerator } from './recorded-generator.ts'
import { publishedDefaults, type Settings } from '../sample/settings.ts'

export interface RecipeRow {
  readonly label: string
  readonly value: string
  /** The matching Sample settings; absent if it cannot be set there. */
  readonly fields?: Partial<Settings>
  /** A hash, copied in full. */
  readonly hash?: string
}
export interface RecipeGroup {
  readonly title: string
  readonly rows: readonly RecipeRow[]
}

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const bitsWord = (bits: unknown) => (typeof bits === 'number' ? precisionOf(bits) : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** The recipe as recorded; missing values have no row. */
export function recipeGroups(
  details: ImageDetails,
  className: (index: number) => string,
  /** Models in use, among which the generator is chosen. */
  files: readonly Pick<ModelFile, 'id' | 'sha256'>[] = [],
): RecipeGroup[] {
  const recipe = object(details.recipe)
  const [stage1, stage2] = [object(recipe.stage1), object(recipe.stage2)]
  const label = details.class
  const kind = stage2.kind === 'stage2-nar' ? 'nar' : 'ar'
  const masked = object(stage2.masked)
  const groups: RecipeGroup[] = [
    {
      title: 'Image',
      rows: [
        row('Number', details.image),
        setRow('Seed', number(recipe.seed), (seed) => ({ seed, seedRule: 'fixed' })),
        label === undefined
          ? setRow('Class', 'none', () => ({ conditional: false }))
          : setRow('Class', `${className(label)} (${label})`, () => ({
              conditional: true,
              classes: [label],
            })),
      ].flat(),
    },
    { title: 'Generator', rows: generatorRows(details.recipe, files) },
    { title: 'Pinned', rows: pinnedRows(details) },
    { title: 'Stage 1', rows: samplingRows(stage1, '1') },
    {
      title: 'Stage 2',
      rows: [
        ...(stage2.kind === undefined
          ? []
          : setRow('Kind', kind === 'nar' ? 'masked (NAR)' : 'autoregressive', () => ({ stage2: kind }))),
        ...setRow('Steps', number(masked.steps), (steps) => ({ steps })),
        ...setRow('Choice temperature', number(masked.choiceTemperature), (choiceTemperature) => ({
          choiceTemperature,
        })),
        ...setRow('Order', masked.halton === true ? 'Halton sequence' : undefined, () => ({ halton: true })),
        ...samplingRows(stage2, '2'),
      ],
    },
    {
      title: 'Computed with',
      rows: [
        ...setRow('Precision', bitsWord(recipe.weightBits), () => ({
          weightBits: recipe.weightBits as Settings['weightBits'],
        })),
        ...row('Device', typeof recipe.provider === 'string' ? recipe.provider : undefined),
      ],
    },
    {
      title: 'Models',
      rows: [
        hashRow('Generator', object(recipe.generator).sha256),
        hashRow('Stage 1', stage1.sha256),
        hashRow('Stage 2', stage2.sha256),
        hashRow('VQGAN', recipe.vqgan),
        hashRow('Encoder', recipe.encoder),
        hashRow('Codebook', recipe.codebook),
      ].flat(),
    },
  ]
  return groups.filter(({ rows }) => rows.length > 0)
}

/** Models of a recipe that are not open; empty while models are being scanned. */
export function modelsNotOpen(
  recorded: unknown,
  library: ModelSet | undefined,
): { readonly label: string; readonly hash: string }[] {
  if (!library) return []
  const open = new Set(library.files.map(({ sha256 }) => sha256))
  const { stage1, stage2, generator, vqgan, encoder, codebook } = object(recorded)
  const named = [
    { label: 'Generator', hash: object(generator).sha256 },
    { label: 'Stage 1', hash: object(stage1).sha256 },
    { label: 'Stage 2', hash: object(stage2).sha256 },
    { label: 'VQGAN', hash: vqgan },
    { label: 'Encoder', hash: encoder },
    { label: 'Codebook', hash: codebook },
  ]
  return named.flatMap(({ label, hash }) =>
    typeof hash === 'string' && hash !== '' && !open.has(hash) ? [{ label, hash }] : [],
  )
}

/** All settings that the table can restore, over the published values. */
export function recipeSettings(groups: readonly RecipeGroup[], now: Settings): Settings {
  const fields: Partial<Settings> = Object.assign(
    {},
    ...groups.flatMap(({ rows }) => rows.map((r) => r.fields)),
  )
  const { stage1Temperature, stage1TopK, stage1TopP, stage2Temperature, stage2TopK, stage2TopP } =
    publishedDefaults(fields.conditional ?? false, fields.stage2 ?? 'ar')
  return {
    ...now,
    generator: 'digit',
    stage1Temperature,
    stage1TopK,
    stage1TopP,
    stage2Temperature,
    stage2TopK,
    stage2TopP,
    halton: false,
    ...fields,
  }
}

/**
 * The settings for the generator of an image, found among the models in use by its hash: a request may name its family
 * alone. None for an image of DiGIT, or if the generator is not open.
 */
export function generatorSettings(
  recipe: unknown,
  files: readonly Pick<ModelFile, 'id' | 'sha256'>[],
  { generatorHeads, generatorSides }: Settings,
): Partial<Settings> {
  const found = recordedGenerator({ recipe })
  const file = files.find(({ sha256 }) => sha256 === found?.sha256)
  if (!found || !file) return {}
  const { settings, heads, side } = found
  const sizeOf = (known: Settings['generatorHeads'], size: number | undefined) =>
    size === undefined ? known : { ...known, [file.id]: size }
  return {
    generator: file.id,
    generatorValues: settings,
    generatorHeads: sizeOf(generatorHeads, heads),
    generatorSides: sizeOf(generatorSides, side),
  }
}

/** Whether the settings already have the row's value. */
export function isSet({ fields }: RecipeRow, now: Settings): boolean {
  if (!fields) return false
  return Object.entries(fields).every(
    ([field, value]) =>
      field === 'seedRule' || JSON.stringify(now[field as keyof Settings]) === JSON.stringify(value),
  )
}

/** The family and settings of another generator than DiGIT. */
function generatorRows(recipe: unknown, files: readonly Pick<ModelFile, 'id' | 'sha256'>[]): RecipeRow[] {
  const { family, settings, sha256 } = object(object(recipe).generator)
  if (typeof family !== 'string' || !(family in FAMILIES)) return []
  const name = family as FamilyName
  const file = files.find((file) => file.sha256 === sha256)
  return [
    ...(file
      ? setRow('Family', FAMILIES[name].title, () => ({ generator: file.id }))
      : row('Family', FAMILIES[name].title)),
    ...familyOf(name).settings.flatMap((setting) =>
      setRow(
        capital(SETTINGS[setting].words),
        number(object(settings)[setting]),
        (value) => ({ generatorValues: { ...(settings as object), [setting]: value } }),
        (value) => settingText(setting, value),
      ),
    ),
  ]
}

/** Tokens that were not drawn, by grid; none if all were. */
function pinnedRows(details: ImageDetails): RecipeRow[] {
  return GRID_NAMES.flatMap((name) => {
    const { pinned } = details[name] ?? {}
    const count = pinned?.reduce((sum, one) => sum + one, 0) ?? 0
    return count === 0 ? [] : row(PINNED_WORDS[name], `${count} of ${pinned!.length}`)
  })
}
const PINNED_WORDS: Readonly<Record<GridName, string>> = { discriminative: 'Tokens', codes: 'Codes' }

const orOff = (value: number) => String(value || 'off')

function samplingRows(stage: Json, which: '1' | '2'): RecipeRow[] {
  const { temperature, topK, topP } = object(stage.sampling)
  return [
    ...setRow('Temperature', number(temperature), (value) => ({ [`stage${which}Temperature`]: value })),
    ...setRow('Top-k', number(topK), (value) => ({ [`stage${which}TopK`]: value }), orOff),
    ...setRow('Top-p', number(topP), (value) => ({ [`stage${which}TopP`]: value }), orOff),
  ]
}

const capital = (words: string) => words[0]!.toUpperCase() + words.slice(1)
const row = (label: string, value: number | string | undefined): RecipeRow[] =>
  value === undefined ? [] : [{ label, value: String(value) }]

function setRow<T extends number | string>(
  label: string,
  value: T | undefined,
  fields: (value: T) => Partial<Settings>,
  words: (value: T) => string = String,
): RecipeRow[] {
  return value === undefined ? [] : [{ label, value: words(value), fields: fields(value) }]
}

const hashRow = (label: string, hash: unknown): RecipeRow[] =>
  typeof hash === 'string' && hash !== '' ? [{ label, value: shortHash(hash), hash }] : []
