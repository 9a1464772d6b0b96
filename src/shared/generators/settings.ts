// The settings with which generators draw: one row each, from which schemas, flags, fields and sentences are made.
import * as z from 'zod'

interface SettingRow {
  /** For people: `top-k`. */
  readonly words: string
  /** Flag of the command line, without dashes. */
  readonly flag: string
  readonly explanation: string
  readonly least: number
  readonly most: number
  readonly whole?: true
  /** 0 or 1: off or on. */
  readonly isSwitch?: true
  /** 0 leaves it out, as `off` says. */
  readonly offAtZero?: true
}

export const SETTINGS = {
  temperature: {
    words: 'temperature',
    flag: 'temperature',
    explanation: 'divides the logits',
    least: 0.01,
    most: 100,
  },
  topK: {
    words: 'top-k',
    flag: 'topk',
    explanation: 'sample from the k most likely tokens; 0 keeps all',
    least: 0,
    most: 2 ** 20,
    whole: true,
    offAtZero: true,
  },
  topP: {
    words: 'top-p',
    flag: 'topp',
    explanation: 'of these, the smallest set with this share of the probability; 1 keeps all',
    least: 0,
    most: 1,
  },
  guidance: {
    words: 'guidance',
    flag: 'guidance',
    explanation: 'classifier-free guidance, as the family counts it',
    least: 0,
    most: 100,
  },
  guidancePower: {
    words: 'guidance power',
    flag: 'guidance-power',
    explanation: 'how late guidance rises over tokens, steps or scales: 0 is constant',
    least: 0,
    most: 100,
  },
  steps: { words: 'steps', flag: 'steps', explanation: 'decoding steps', least: 1, most: 1000, whole: true },
  choiceTemperature: {
    words: 'choice temperature',
    flag: 'choice-temperature',
    explanation: 'noise added to the confidence',
    least: 0,
    most: 1000,
  },
  guidanceInterval: {
    words: 'guidance interval',
    flag: 'guidance-interval',
    explanation: 'guides tokens 0 to this number + 1, as cfg_interval of the original; -1 guides all',
    least: -1,
    most: 2 ** 20,
    whole: true,
  },
  halton: {
    words: 'Halton order',
    flag: 'halton',
    explanation: '1: masked decoding fixes cells in the order of a Halton sequence; 0: by confidence',
    least: 0,
    most: 1,
    whole: true,
    isSwitch: true,
  },
  logitFactor: {
    words: 'logit factor',
    flag: 'logit-factor',
    explanation: 'multiplies the guided logits',
    least: 0.01,
    most: 100,
  },
} as const satisfies Readonly<Record<string, SettingRow>>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]
/** The rows as one type. */
export const settingRow = (name: SettingName): SettingRow => SETTINGS[name]

/** `8 steps` of a masked decoder. */
export const stepWords = (steps: number): string => (steps === 1 ? '1 step' : `${steps} steps`)

/** A value as people read it: `600`, `off`. */
export function settingText(name: SettingName, value: number): string {
  const { isSwitch, offAtZero } = settingRow(name)
  if (isSwitch) return value ? 'on' : 'off'
  return String(offAtZero ? value || 'off' : value)
}

/** Values of the settings of a family; it has no others. */
export type GeneratorSettings = { readonly [name in SettingName]?: number }

const fieldOf = ({ least, most, whole }: SettingRow) => {
  const number = z.number().min(least).max(most)
  return (whole ? number.int() : number).exactOptional()
}
export const GeneratorSettingsSchema: z.ZodType<GeneratorSettings> = z.strictObject(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, fieldOf(settingRow(name))])),
)
