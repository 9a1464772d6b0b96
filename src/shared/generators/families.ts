// The families of generators besides DiGIT: what people see of them, their settings, and the values they were published
// with. What computes is in engine/models/generators and engine/decoding/generators, a row of the same name each.
import { RequestError } from '../errors.ts'
import { settingText, SETTINGS, stepWords, type GeneratorSettings, type SettingName } from './settings.ts'

/** Settings under a name. */
export interface Preset {
  readonly name: string
  /** Where the values are from. */
  readonly source: string
  /** For models of this width only: published sizes differ. */
  readonly width?: number
  readonly values: GeneratorSettings
}

export interface Family {
  readonly title: string
  readonly paper: string
  /** In the order of fields; each preset has them all. */
  readonly settings: readonly SettingName[]
  /** The value at which guidance changes nothing, so that one pass is enough; absent without guidance. */
  readonly unguided?: number
  /** Cells along a side of its grid where no tensor says them, the usual ones first. */
  readonly sides?: readonly number[]
  /** The first that fits a model is what it draws with if nothing else is requested. */
  readonly presets: readonly Preset[]
}

const rar = (name: string, width: number, guidance: number, guidancePower: number, temperature: number) => ({
  name,
  source: '1d-tokenizer, README_RAR.md',
  width,
  values: { guidance, guidancePower, temperature },
})
const llamagen = (name: string, width: number, guidance: number): Preset => ({
  name,
  source: 'LlamaGen, GETTING_STARTED.md',
  width,
  values: { guidance, guidancePower: 0, guidanceInterval: -1, temperature: 1, topK: 0, topP: 1 },
})

export const FAMILIES = {
  mage: {
    title: 'MAGE',
    paper: 'Li et al., CVPR 2023',
    settings: ['steps', 'choiceTemperature', 'halton'],
    presets: [
      {
        name: 'ViT-B',
        source: 'LTH14/mage, README.md',
        values: { steps: 20, choiceTemperature: 6, halton: 0 },
      },
      {
        name: 'script',
        source: 'LTH14/mage, gen_img_uncond.py',
        values: { steps: 12, choiceTemperature: 4.5, halton: 0 },
      },
    ],
  },
  taming: {
    title: 'VQGAN (taming)',
    paper: 'Esser et al., CVPR 2021',
    settings: ['temperature', 'topK', 'topP'],
    presets: [
      {
        name: 'README',
        source: 'taming-transformers, README.md',
        values: { temperature: 1, topK: 600, topP: 0.92 },
      },
      {
        name: 'script',
        source: 'taming-transformers, sample_fast.py',
        values: { temperature: 1, topK: 250, topP: 1 },
      },
      { name: 'all codes', source: 'no truncation', values: { temperature: 1, topK: 0, topP: 1 } },
    ],
  },
  maskgit: {
    title: 'MaskGIT',
    paper: 'Chang et al., CVPR 2022; weights of valeoai',
    settings: ['steps', 'choiceTemperature', 'guidance', 'guidancePower', 'logitFactor', 'halton'],
    unguided: 0,
    presets: [
      {
        name: 'published',
        source: 'Maskgit-pytorch v1.0, README.md',
        values: {
          steps: 8,
          choiceTemperature: 4.5,
          guidance: 3,
          guidancePower: 1,
          logitFactor: 1,
          halton: 0,
        },
      },
    ],
  },
  rar: {
    title: 'RAR',
    paper: 'Yu et al., 2024',
    settings: ['temperature', 'guidance', 'guidancePower'],
    unguided: 1,
    presets: [
      rar('RAR-B', 768, 16, 2.75, 1),
      rar('RAR-L', 1024, 15.5, 2.5, 1.02),
      rar('RAR-XL', 1280, 6.9, 1.5, 1.02),
      rar('RAR-XXL', 1408, 8, 1.2, 1.02),
      {
        name: 'example',
        source: '1d-tokenizer, README_RAR.md',
        values: { guidance: 4, guidancePower: 0, temperature: 1 },
      },
    ],
  },
  llamagen: {
    title: 'LlamaGen',
    paper: 'Sun et al., 2024',
    settings: ['temperature', 'topK', 'topP', 'guidance', 'guidancePower', 'guidanceInterval'],
    unguided: 1,
    sides: [16, 24],
    presets: [
      llamagen('GPT-B', 768, 2),
      llamagen('GPT-L', 1024, 2),
      llamagen('GPT-XL', 1280, 1.75),
      llamagen('GPT-XXL', 1536, 1.75),
      llamagen('GPT-3B', 3200, 1.65),
      {
        name: 'evaluation script',
        source: 'LlamaGen, sample_c2i_ddp.py',
        values: {
          guidance: 1.5,
          guidancePower: 0,
          guidanceInterval: -1,
          temperature: 1,
          topK: 0,
          topP: 1,
        },
      },
    ],
  },
  var: {
    title: 'VAR',
    paper: 'Tian et al., NeurIPS 2024',
    settings: ['topK', 'topP', 'guidance', 'guidancePower'],
    unguided: 0,
    presets: [
      {
        name: 'published',
        source: 'FoundationVision/VAR, README.md',
        values: { topK: 900, topP: 0.96, guidance: 1.5, guidancePower: 1 },
      },
    ],
  },
} as const satisfies Readonly<Record<string, Family>>

export type FamilyName = keyof typeof FAMILIES
export const FAMILY_NAMES = Object.keys(FAMILIES) as [FamilyName, ...FamilyName[]]
export const familyOf = (name: FamilyName): Family => FAMILIES[name]

/** The presets for a model of this width, the published one first, and last the same without guidance. */
export function presetsOf(name: FamilyName, width?: number): readonly Preset[] {
  const { presets, unguided } = familyOf(name)
  const own = presets.filter((preset) => preset.width === undefined || preset.width === width)
  const [first] = own
  if (unguided === undefined || !first) return own
  const without = {
    name: 'without guidance',
    source: first.source,
    values: { ...first.values, guidance: unguided },
  }
  return [...own, without]
}

/** The settings of a family: those given, and the published ones for the rest. Throws RequestError for one it lacks. */
export function settingsOf(name: FamilyName, given: GeneratorSettings, width?: number): GeneratorSettings {
  const { title, settings } = familyOf(name)
  const odd = (Object.keys(given) as SettingName[]).find((setting) => !settings.includes(setting))
  if (odd)
    throw new RequestError(
      `${SETTINGS[odd].words}: not a setting of ${title} (expected ${settings.map((s) => SETTINGS[s].words).join(', ')})`,
    )
  return { ...presetsOf(name, width)[0]!.values, ...given }
}

/** The settings as words: `8 steps`, `top-k 600`. */
export const settingWords = (name: FamilyName, values: GeneratorSettings): string[] =>
  familyOf(name).settings.flatMap((setting) => {
    const value = values[setting]
    if (value === undefined) return []
    return setting === 'steps'
      ? [stepWords(Number(value))]
      : [`${SETTINGS[setting].words} ${settingText(setting, value)}`]
  })
