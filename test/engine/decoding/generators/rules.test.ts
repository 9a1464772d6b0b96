// Schedules, guidance and filters of the generators against the original functions.
import { describe, expect, test } from 'vitest'
import { kept } from '../../../../src/shared/generators/token-rule.ts'
import {
  arccosCounts,
  maskedRule,
  rasterRule,
  scalesRule,
} from '../../../../src/engine/decoding/generators/rules.ts'
import { haltonOrder } from '../../../../src/engine/tokens/halton.ts'
import { positionsToRemask, remaskedCount } from '../../../../src/engine/tokens/mask-schedule.ts'
import { maxDifference } from '../../models/run-graph.ts'
import { references } from '../../models/generators/fixture.ts'

test.each([8, 12, 20, 300])('MAGE masks as many as the original with %i steps', async (steps) => {
  const [openKey, maskedKey] = [`schedule_${steps}_open`, `schedule_${steps}_masked`]
  const expected = await references('mage', [openKey, maskedKey])
  const { openAfter } = maskedRule('mage', { steps, choiceTemperature: 4.5 }, 256)
  const found = expected[openKey]!.map((open, step) => openAfter(step, open))
  // The original masks one more position after the picture is taken.
  expect([...found.slice(0, -1), 1]).toEqual(expected[maskedKey])
  expect(found.at(-1)).toBe(0)
  expect(remaskedCount(0, steps, 256, 256)).toBe(found[0])
})

test.each([8, 12, 15, 32])('MaskGIT reveals as many as the original with %i steps', async (steps) => {
  const key = `schedule_${steps}`
  expect(arccosCounts(steps, 256)).toEqual((await references('maskgit', [key]))[key])
})

test.each([
  [98, 97],
  [140, 138],
  [200, 189],
])('MaskGIT with %i steps ends after %i', (steps, passes) => {
  const { openAfter } = maskedRule(
    'maskgit',
    { steps, choiceTemperature: 0, guidance: 0, logitFactor: 1 },
    256,
  )
  let open = 256
  let step = 0
  while (open > 0) open = openAfter(step++, open)
  expect(step).toBe(passes)
})

test('guidance of LlamaGen ends after its interval, and may rise', () => {
  const base = { temperature: 1, topK: 0, topP: 1, guidance: 2 }
  const interval = rasterRule('llamagen', { ...base, guidancePower: 0, guidanceInterval: 3 }, 256).guidance!
  expect([0, 4, 5, 255].map(interval)).toEqual([2, 2, undefined, undefined])
  const rising = rasterRule('llamagen', { ...base, guidancePower: 1, guidanceInterval: -1 }, 256).guidance!
  expect(rising(0)).toBe(1)
  expect(rising(128)).toBeCloseTo(1.5, 12)
})

test('guidance by step and by scale may be constant', () => {
  const step = { steps: 8, choiceTemperature: 0, guidance: 3, logitFactor: 1, guidancePower: 0 }
  expect(maskedRule('maskgit', step, 256).guidance!(0)).toBe(4)
  const scale = scalesRule('var', { topK: 0, topP: 1, guidance: 1.5, guidancePower: 0 }, 10).guidance!
  expect([0, 9].map(scale)).toEqual([2.5, 2.5])
})

test('a Halton order masks the last cells of the sequence again', () => {
  const again = positionsToRemask({
    logProbabilities: new Float32Array(256),
    masked: new Array<boolean>(256).fill(true),
    total: 256,
    step: 3,
    decoding: { steps: 8, choiceTemperature: 4.5, halton: true },
    seed: 1,
    image: 0,
  })
  const count = remaskedCount(3, 8, 256, 256)
  expect(new Set(again)).toEqual(new Set(haltonOrder(16).slice(-count)))
})

test('guidance rises as in the originals', async () => {
  const rar = await references('rar', ['guidance', 'settings'])
  const [guidance, guidancePower, temperature] = rar.settings as [number, number, number]
  const power = rasterRule('rar', { guidance, guidancePower, temperature }, 256).guidance!
  const relative = rar.guidance!.map((expected, i) => power(i)! / expected)
  // float32 in the original.
  expect(
    maxDifference(
      relative,
      relative.map(() => 1),
    ),
  ).toBeLessThan(1e-6)

  const maskgit = await references('maskgit', [
    'guidance_per_step',
    'gumbel_factor_per_step',
    'guidance',
    'steps',
  ])
  const steps = maskgit.steps![0]!
  const rule = maskedRule(
    'maskgit',
    { steps, choiceTemperature: 4.5, guidance: maskgit.guidance![0]!, logitFactor: 1 },
    256,
  )
  const found = maskgit.guidance_per_step!.map((_, i) => rule.guidance!(i)! - 1)
  expect(maxDifference(found, maskgit.guidance_per_step!)).toBeLessThan(1e-12)
  const noise = maskgit.gumbel_factor_per_step!.map((_, i) => rule.noise(i))
  expect(maxDifference(noise, maskgit.gumbel_factor_per_step!)).toBeLessThan(1e-12)
})

test('guidance that makes no difference needs no second pass', () => {
  const all = { temperature: 1, topK: 0, topP: 1 }
  expect(rasterRule('rar', { temperature: 1, guidance: 1, guidancePower: 2 }, 256).guidance).toBeUndefined()
  expect(rasterRule('llamagen', { ...all, guidance: 1 }, 256).guidance).toBeUndefined()
  expect(rasterRule('llamagen', { ...all, guidance: 1.5 }, 256).guidance!(7)).toBe(1.5)
})

describe('top-k, then top-p', () => {
  test('keeps the tokens that the filter of taming-transformers keeps', async () => {
    const expected = await references('taming', ['filter_logits', 'filter_k', 'filter_p', 'filter_kept'])
    expected.filter_k!.forEach((topK, setting) => {
      for (let row = 0; row < 7; row++) {
        // The row with ties was made with k alone.
        const topP = row === 6 ? 1 : expected.filter_p![setting]!
        const logits = Float32Array.from(expected.filter_logits!.slice(row * 256, (row + 1) * 256))
        const at = (setting * 7 + row) * 256
        expect(marksOf(logits, topK, topP)).toEqual(expected.filter_kept!.slice(at, at + 256))
      }
    })
  })

  test('keeps the tokens that the filter of LlamaGen keeps', async () => {
    const expected = await references('llamagen', ['filter_logits', 'filter_k', 'filter_p', 'filter_kept'])
    for (let row = 0; row < 8; row++) {
      const logits = Float32Array.from(expected.filter_logits!.slice(row * 56, (row + 1) * 56))
      const found = marksOf(logits, expected.filter_k![row]!, expected.filter_p![row]!)
      expect(found).toEqual(expected.filter_kept!.slice(row * 56, (row + 1) * 56))
    }
  })
})

const marksOf = (logits: Float32Array, topK: number, topP: number): number[] =>
  Array.from(kept(logits, { topK, topP }) ?? new Uint8Array(logits.length).fill(1))
