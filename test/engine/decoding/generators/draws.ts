// How the generators' fixtures were drawn: their random numbers, settings and greedy draws.
import type { GeneratorImage } from '../../../../src/engine/decoding/generators/decoder.ts'
import { rasterRule, type RasterRule } from '../../../../src/engine/decoding/generators/rules.ts'
import { uniformByImage, uniformByUse } from '../../models/generators/fixture.ts'

export const callbacks = { signal: new AbortController().signal, onShare: () => {} }

/** An image with the random numbers of MAGE's and MaskGIT's fixtures. */
export const byUse = (seed: number, label: number | null): GeneratorImage => ({
  image: 0,
  label,
  noise: {
    uniform: (step, position) => uniformByUse(seed, step, position, 0),
    gumbel: (step, position) => -Math.log(-Math.log(uniformByUse(seed, step, position, 1))),
  },
})
/** The same of RAR's and LlamaGen's. */
export const byImage = (seed: number, image: number, label: number): GeneratorImage => ({
  image,
  label,
  noise: { uniform: (step) => uniformByImage(seed, image, step, step), gumbel: () => NaN },
})

/** The most likely token, whatever the random number. */
export const GREEDY: RasterRule = { token: { topK: 1 }, guidance: undefined }

/** The settings of a fixture, in its order. */
export function ruleOf(name: 'rar' | 'llamagen', settings: readonly number[]): RasterRule {
  const [first = 0, second = 0, third = 0, fourth = 0] = settings
  return name === 'rar'
    ? rasterRule('rar', { guidance: first, guidancePower: second, temperature: third }, 256)
    : rasterRule('llamagen', { guidance: first, temperature: second, topK: third, topP: fourth }, 256)
}
