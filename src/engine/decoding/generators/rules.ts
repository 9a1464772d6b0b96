// The settings of a family -> how its steps draw: guidance, noise and counts by step, as published. What the families do
// differently in drawing is here and nowhere else.
import type { FamilyName } from '../../../shared/generators/families.ts'
import type { GeneratorSettings } from '../../../shared/generators/settings.ts'
import type { TokenRule } from '../../../shared/generators/token-rule.ts'
import { RequestError } from '../../../shared/errors.ts'
import { remaskedCount } from '../../tokens/mask-schedule.ts'

/**
 * Guided logits are u + s (c - u) of those without class u and with class c; undefined: c alone, at a step or, without a
 * pass for u, at all.
 */
type Guidance = ((step: number) => number | undefined) | undefined

export interface RasterRule {
  readonly token: TokenRule
  /** By the index of the token. */
  readonly guidance: Guidance
}

export interface ScalesRule {
  readonly token: TokenRule
  /** By the index of the scale. */
  readonly guidance: Guidance
}

export interface MaskedRule {
  readonly token: TokenRule
  readonly guidance: Guidance
  readonly steps: number
  /** Factor on the Gumbel noise of the confidence. */
  noise(step: number): number
  /** How many of `open` positions stay masked after a step. */
  openAfter(step: number, open: number): number
  /** Whether these are the last in the order of a Halton sequence, instead of the least certain. */
  readonly halton?: boolean
}

type Values = Readonly<Required<GeneratorSettings>>

/** RAR: s_i = 1 + (w - 1) (1 - cos(pi (i / cells)^power)) / 2. */
const powerCosine =
  (w: number, power: number, cells: number) =>
  (step: number): number =>
    1 + ((w - 1) * (1 - Math.cos(Math.PI * (step / cells) ** power))) / 2

const RASTER = {
  taming: ({ temperature, topK, topP }: Values): RasterRule => ({
    token: { temperature, topK, topP },
    guidance: undefined,
  }),
  rar: ({ temperature, guidance, guidancePower }: Values, cells: number): RasterRule => ({
    token: { temperature },
    guidance: guidance === 1 ? undefined : powerCosine(guidance, guidancePower, cells),
  }),
  llamagen(values: Values, cells: number): RasterRule {
    const { temperature, topK, topP, guidance, guidancePower = 0, guidanceInterval = -1 } = values
    const scale = guidancePower === 0 ? () => guidance : powerCosine(guidance, guidancePower, cells)
    // The original does not count its first pass, and still guides at the number itself.
    const isGuided = (token: number) => guidanceInterval < 0 || token <= guidanceInterval + 1
    return {
      token: { temperature, topK, topP },
      guidance: guidance <= 1 ? undefined : (token) => (isGuided(token) ? scale(token) : undefined),
    }
  },
} as const

const MASKED = {
  /** The cosine of DiGIT's stage 2, which masks the least certain again; noise ends at 0. */
  mage: ({ steps, choiceTemperature, halton }: Values, cells: number): MaskedRule => ({
    token: {},
    guidance: undefined,
    steps,
    noise: (step) => choiceTemperature * (1 - (step + 1) / steps),
    openAfter: (step, open) => remaskedCount(step, steps, cells, open),
    halton: halton === 1,
  }),
  /**
   * Reveals a share by the arc cosine; guidance (1 + w_i) c - w_i u rises from 0 to w, evenly as published, and noise falls
   * to 0.
   */
  maskgit(values: Values, cells: number): MaskedRule {
    const { steps, choiceTemperature, guidance, guidancePower = 1, logitFactor, halton } = values
    if (steps < 2) throw new RequestError(`steps: too few for MaskGIT (found ${steps}, expected at least 2)`)
    const counts = arccosCounts(steps, cells)
    const share = (step: number) => step / (steps - 1)
    return {
      token: { factor: logitFactor },
      guidance: guidance === 0 ? undefined : (step) => 1 + guidance * share(step) ** guidancePower,
      steps,
      noise: (step) => choiceTemperature * (1 - share(step)),
      openAfter: (step, open) => Math.max(0, open - Math.max(0, counts[step]!)),
      halton: halton === 1,
    }
  },
} as const

const SCALES = {
  /** (1 + t) c - t u, where t rises from 0 at the first scale to w at the last, evenly as published. */
  var({ topK, topP, guidance, guidancePower = 1 }: Values, scales: number): ScalesRule {
    const rising = (scale: number) =>
      guidancePower === 1
        ? (guidance * scale) / (scales - 1)
        : guidance * (scale / (scales - 1)) ** guidancePower
    return {
      token: { topK, topP },
      guidance: guidance === 0 ? undefined : (scale) => 1 + rising(scale),
    }
  },
} as const

export const scalesRule = (family: FamilyName, settings: GeneratorSettings, scales: number): ScalesRule =>
  SCALES[family as keyof typeof SCALES](settings as Values, scales)
export const rasterRule = (family: FamilyName, settings: GeneratorSettings, cells: number): RasterRule =>
  RASTER[family as keyof typeof RASTER](settings as Values, cells)
export const maskedRule = (family: FamilyName, settings: GeneratorSettings, cells: number): MaskedRule =>
  MASKED[family as keyof typeof MASKED](settings as Values, cells)

/**
 * How many positions MaskGIT's reproduction reveals at each step, which sum to `cells`: shares arccos(r) for r from 1 to 0
 * in float32, rounded half to even, none zero, and the last gets the remainder, which may be negative.
 */
export function arccosCounts(steps: number, cells: number): number[] {
  const f = Math.fround
  const stride = f(-1 / (steps - 1))
  const ratios = Array.from({ length: steps }, (_, i) =>
    i < steps / 2 ? f(1 + f(stride * i)) : f(-f(stride * (steps - 1 - i))),
  )
  const shares = ratios.map((r) => f(f(Math.acos(r)) / f(Math.PI * 0.5)))
  const total = f(shares.reduce((sum, share) => sum + share, 0))
  const counts = shares.map((share) => Math.max(1, halfToEven(f(f(share / total) * cells))))
  counts[steps - 1]! += cells - counts.reduce((sum, count) => sum + count, 0)
  return counts
}

function halfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
