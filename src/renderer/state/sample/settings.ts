// The Sample settings: every field, its published default, its problem, and the request.
import { computed, shallowRef, watch } from 'vue'
import { publishedSampling } from '../../../shared/run/published.ts'
import type { SettingName } from '../../../shared/generators/settings.ts'
import { SampleRequestSchema, type SampleRequest } from '../../../shared/run/run.ts'
import { abilities, classCount, damagedFile, modelsWait } from '../models/models-in-use.ts'
import { parseJson } from '../../../shared/plain-json.ts'

export type SeedRule = 'fixed' | 'increment' | 'random'

/** Numbers as typed; undefined while a field is empty. */
export interface Settings {
  readonly conditional: boolean
  readonly classes: readonly number[]
  readonly count: number | undefined
  readonly seed: number | undefined
  /** How the seed changes after each start. */
  readonly seedRule: SeedRule
  readonly stage1Temperature: number | undefined
  readonly stage1TopK: number | undefined
  readonly stage1TopP: number | undefined
  readonly stage2: 'ar' | 'nar'
  readonly stage2Temperature: number | undefined
  readonly stage2TopK: number | undefined
  readonly stage2TopP: number | undefined
  readonly steps: number | undefined
  readonly choiceTemperature: number | undefined
  /** Whether masked decoding fixes codes in the order of a Halton sequence. */
  readonly halton: boolean
  readonly device: SampleRequest['device']
  readonly batchSize: number | undefined
  readonly weightBits: SampleRequest['weightBits']
  /** Whether images are appended to archives. */
  readonly pack: boolean
  /** Whether every change starts a draft. */
  readonly live: boolean
  /** Images of a draft. */
  readonly draftCount: number | undefined
  /** Images per edit in the studio. */
  readonly variants: number | undefined
  /** Images per half of the variance split. */
  readonly splitCount: number | undefined
  /** Whether pins of the discriminative grid also keep the codes of the same cells. */
  readonly keepCodes: boolean
  /** File of the generator that draws, `digit`, or empty for the usual one. */
  readonly generator: string
  /** Settings of another generator than DiGIT that are not its published ones. */
  readonly generatorValues: { readonly [name in SettingName]?: number | undefined }
  /** Attention heads by the id of a generator's file, where no file says them. */
  readonly generatorHeads: { readonly [file in string]?: number | undefined }
  /** Cells along a side of the grid, likewise. */
  readonly generatorSides: { readonly [file in string]?: number | undefined }
}
export type Field = keyof Settings
export type NumberFieldName =
  | 'count'
  | 'seed'
  | 'stage1Temperature'
  | 'stage1TopK'
  | 'stage1TopP'
  | 'stage2Temperature'
  | 'stage2TopK'
  | 'stage2TopP'
  | 'steps'
  | 'choiceTemperature'
  | 'batchSize'
  | 'draftCount'
  | 'variants'
  | 'splitCount'

/** The published settings; top-k of stage 1 depends on conditioning, stage 2 on its kind. */
export function publishedDefaults(conditional: boolean, stage2: 'ar' | 'nar'): Settings {
  const published = publishedSampling(conditional, stage2)
  return {
    conditional,
    classes: [],
    count: 16,
    seed: 0,
    seedRule: 'increment',
    stage1Temperature: published.stage1.temperature,
    stage1TopK: published.stage1.topK,
    stage1TopP: published.stage1.topP,
    stage2,
    stage2Temperature: published.stage2.temperature,
    stage2TopK: published.stage2.topK,
    stage2TopP: published.stage2.topP,
    steps: published.steps,
    choiceTemperature: published.choiceTemperature,
    halton: false,
    device: 'auto',
    batchSize: 16,
    weightBits: 'auto',
    pack: false,
    live: false,
    draftCount: 4,
    variants: 4,
    splitCount: 4,
    keepCodes: true,
    generator: '',
    generatorValues: {},
    generatorHeads: {},
    generatorSides: {},
  }
}

/** Names of fields in what 0.1 stored. */
const EARLIER: Readonly<Record<string, Field>> = {
  temperature1: 'stage1Temperature',
  topK1: 'stage1TopK',
  topP1: 'stage1TopP',
  temperature2: 'stage2Temperature',
  topK2: 'stage2TopK',
  topP2: 'stage2TopP',
}
const withPresentNames = (stored: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(stored).map(([name, value]) => [EARLIER[name] ?? name, value as unknown]))

const KEY = 'digit.settings'
export const settings = shallowRef<Settings>(restored())
watch(settings, (now) => localStorage.setItem(KEY, JSON.stringify(now)))

/** The published value of each field, given the kinds chosen. */
export const defaults = computed(() => publishedDefaults(settings.value.conditional, settings.value.stage2))

/** Sets fields; fields that depend on a kind follow it if they still have their published value. */
export function change(fields: Partial<Settings>): void {
  const before = defaults.value
  const next: Settings = { ...settings.value, ...fields }
  const after = publishedDefaults(next.conditional, next.stage2)
  const following = (['stage1TopK', 'stage2TopP'] as const).filter(
    (field) => !(field in fields) && settings.value[field] === before[field],
  )
  settings.value = { ...next, ...Object.fromEntries(following.map((field) => [field, after[field]])) }
}

/** The request for DiGIT; empty fields become NaN, which every check rejects. */
export function requestOf(now: Settings): SampleRequest {
  const number = (value: number | undefined) => value ?? NaN
  const sampling = (temperature?: number, topK?: number, topP?: number) => ({
    temperature: number(temperature),
    topK: number(topK),
    topP: number(topP),
  })
  return {
    device: now.device,
    batchSize: number(now.batchSize),
    weightBits: now.weightBits,
    stage2: now.stage2,
    stage1Sampling: sampling(now.stage1Temperature, now.stage1TopK, now.stage1TopP),
    stage2Sampling: sampling(now.stage2Temperature, now.stage2TopK, now.stage2TopP),
    masked: {
      steps: number(now.steps),
      choiceTemperature: number(now.choiceTemperature),
      ...(now.halton ? { halton: true } : {}),
    },
    seed: number(now.seed),
    count: number(now.count),
    classes: now.conditional ? [...now.classes] : [],
    ...(now.pack ? { pack: true } : {}),
  }
}

/** The request of a run -> the settings that reproduce it. */
export function settingsOf(request: SampleRequest, now: Settings): Settings {
  return {
    ...now,
    conditional: request.classes.length > 0,
    classes: request.classes.length > 0 ? request.classes : now.classes,
    count: request.count,
    seed: request.seed,
    seedRule: 'fixed',
    stage1Temperature: request.stage1Sampling.temperature,
    stage1TopK: request.stage1Sampling.topK,
    stage1TopP: request.stage1Sampling.topP,
    stage2: request.stage2,
    stage2Temperature: request.stage2Sampling.temperature,
    stage2TopK: request.stage2Sampling.topK,
    stage2TopP: request.stage2Sampling.topP,
    steps: request.masked.steps,
    choiceTemperature: request.masked.choiceTemperature,
    halton: request.masked.halton ?? false,
    device: request.device,
    batchSize: request.batchSize,
    weightBits: request.weightBits,
    pack: request.pack ?? false,
    generator: request.generator?.file ?? (request.generator ? now.generator : 'digit'),
    generatorValues: request.generator?.settings ?? {},
    generatorHeads: sizeWith(request.generator, 'heads', now.generatorHeads),
    generatorSides: sizeWith(request.generator, 'side', now.generatorSides),
  }
}

/** A size that no file says, as a request has it. */
const sizeWith = (
  spec: SampleRequest['generator'],
  size: 'heads' | 'side',
  known: Settings['generatorHeads'],
): Settings['generatorHeads'] =>
  spec?.file === undefined || spec[size] === undefined ? known : { ...known, [spec.file]: spec[size] }

const FIELD_OF: Readonly<Record<string, NumberFieldName>> = {
  count: 'count',
  seed: 'seed',
  batchSize: 'batchSize',
  'stage1Sampling.temperature': 'stage1Temperature',
  'stage1Sampling.topK': 'stage1TopK',
  'stage1Sampling.topP': 'stage1TopP',
  'stage2Sampling.temperature': 'stage2Temperature',
  'stage2Sampling.topK': 'stage2TopK',
  'stage2Sampling.topP': 'stage2TopP',
  'masked.steps': 'steps',
  'masked.choiceTemperature': 'choiceTemperature',
}

/** Problems by field. */
export function problemsOf(now: Settings): { readonly [field in Field]?: string } {
  const found: { [field in Field]?: string } = {}
  for (const issue of SampleRequestSchema.safeParse(requestOf(now)).error?.issues ?? []) {
    const field = FIELD_OF[issue.path.join('.')]
    if (field) found[field] ??= sentence(issue, now[field])
  }
  for (const field of ['draftCount', 'variants', 'splitCount'] as const) {
    const problem = rangeProblem(now[field], RANGES[field])
    if (problem) found[field] = problem
  }
  if (now.conditional && now.classes.length === 0) found.classes = 'Select at least one class'
  return found
}

/** The most images that make sense side by side. */
const HANDFUL = [1, 256] as const
/** Least and most. A split is of the square of its count. */
const RANGES = { draftCount: HANDFUL, variants: HANDFUL, splitCount: [2, 32] } as const

function rangeProblem(
  value: number | undefined,
  [least, most]: readonly [number, number],
): string | undefined {
  if (value === undefined || !Number.isInteger(value)) return sentence({ code: '', expected: 'int' }, value)
  if (value < least) return `At least ${least}`
  return value > most ? `At most ${most}` : undefined
}

export const settingProblems = computed(() => {
  const found = { ...problemsOf(settings.value) }
  if (modelsWait.value) return { ...found, conditional: modelsWait.value }
  const { conditional, stage2 } = settings.value
  const fromStage1 = !conditional && abilities.value.plain
  if (conditional ? !abilities.value.classes : !abilities.value.unconditional)
    found.conditional =
      damagedFile(conditional ? 'stage1Class' : 'stage1') ??
      `No ${conditional ? 'class-conditional' : 'unconditional'} stage 1 is open`
  if (conditional && settings.value.classes.some((index) => index >= classCount.value))
    found.classes = 'A selected class does not exist in this model'
  if (!fromStage1 && !abilities.value[stage2])
    found.stage2 =
      damagedFile(stage2 === 'ar' ? 'stage2Ar' : 'stage2Nar') ?? `No ${stage2.toUpperCase()} stage 2 is open`
  if (!abilities.value.pixels)
    found[fromStage1 ? 'conditional' : 'stage2'] ??=
      damagedFile('vqgan') ?? 'No VQGAN is open, which turns codes into pixels'
  return found
})

interface Issue {
  readonly code: string
  readonly minimum?: unknown
  readonly maximum?: unknown
  readonly expected?: unknown
}
function sentence({ code, minimum, maximum, expected }: Issue, value: number | undefined): string {
  if (code === 'too_small') return `At least ${String(minimum)}`
  if (code === 'too_big') return `At most ${String(maximum)}`
  return expected === 'int' && value !== undefined ? 'Must be an integer' : 'Must be a number'
}

function restored(): Settings {
  const fresh = publishedDefaults(false, 'ar')
  try {
    const kept = withPresentNames(parseJson(globalThis.localStorage?.getItem(KEY) ?? '{}') as object)
    // An earlier version may have stored something else under the same key.
    const fits = ([field, usual]: [string, unknown]) =>
      typeof kept[field] === typeof usual && Array.isArray(kept[field]) === Array.isArray(usual)
    const fields = Object.entries(fresh).filter(fits)
    return { ...fresh, ...Object.fromEntries(fields.map(([field]) => [field, kept[field]])) }
  } catch {
    return fresh
  }
}
