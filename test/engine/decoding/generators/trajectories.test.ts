// Whole generations of the tiny checkpoints, token for token as the original loops made them with the same random numbers.
import { afterAll, describe, expect, test } from 'vitest'
import type { GeneratorDecoder, GeneratorImage } from '../../../../src/engine/decoding/generators/decoder.ts'
import { openMaskedGenerator } from '../../../../src/engine/decoding/generators/masked.ts'
import { openRasterDecoder } from '../../../../src/engine/decoding/generators/raster.ts'
import { maskedRule, rasterRule, scalesRule } from '../../../../src/engine/decoding/generators/rules.ts'
import { openScalesDecoder } from '../../../../src/engine/decoding/generators/scales.ts'
import { haltonOrder } from '../../../../src/engine/tokens/halton.ts'
import type { DrawnGrid } from '../../../../src/engine/tokens/grid.ts'
import {
  closeFixtures,
  NETWORKS,
  references,
  tensorsOf,
  uniformByImage,
} from '../../models/generators/fixture.ts'
import { byImage, byUse, callbacks, GREEDY, ruleOf } from './draws.ts'

afterAll(closeFixtures)

async function drawn<Rule>(
  opening: Promise<GeneratorDecoder<Rule>>,
  images: readonly GeneratorImage[],
  rule: Rule,
): Promise<DrawnGrid[]> {
  const decoder = await opening
  try {
    return await decoder.draw(images, rule, callbacks)
  } finally {
    await decoder.close()
  }
}

describe('MAGE', () => {
  test('draws the original tokens', async () => {
    const expected = await references('mage', [
      'draw_seed',
      'steps',
      'temperature',
      'traj_final',
      'traj_masked_after',
    ])
    const rule = maskedRule(
      'mage',
      { steps: expected.steps![0]!, choiceTemperature: expected.temperature![0]! },
      256,
    )
    const network = await NETWORKS.mage()
    const [grid] = await drawn(
      openMaskedGenerator(network, 'mage', 'cpu'),
      [byUse(expected.draw_seed![0]!, null)],
      rule,
    )
    expect(Array.from(grid!.tokens)).toEqual(expected.traj_final)
    // The step after which each position was never masked again.
    const settled = (at: number) => {
      const masked = expected.traj_masked_after!
      let step = 11
      while (step > 0 && masked[(step - 1) * 256 + at] === 0) step--
      return step
    }
    expect(Array.from(grid!.steps!)).toEqual(Array.from(grid!.steps!, (_, at) => settled(at)))
  })
})

describe('MaskGIT', () => {
  test.each([
    ['with guidance', 3, 'traj_final_raw', 'traj_final'],
    ['without guidance', 0, 'w0_final_raw', undefined],
  ])('draws the original tokens %s', async (_, guidance, rawKey, key) => {
    const expected = await references('maskgit', ['draw_seed', 'label', rawKey, ...(key ? [key] : [])])
    const rule = maskedRule('maskgit', { steps: 8, choiceTemperature: 4.5, guidance, logitFactor: 1 }, 256)
    const network = await NETWORKS.maskgit()
    const image = byUse(expected.draw_seed![0]!, expected.label![0]!)
    const [grid] = await drawn(openMaskedGenerator(network, 'maskgit', 'cpu'), [image], rule)
    expect(Array.from(grid!.tokens)).toEqual(expected[key ?? rawKey]!.map((token) => Math.min(token, 63)))
    // The mask itself can be drawn; the picture then has the last code.
    if (key) expect(expected[rawKey]!.filter((token) => token === 64)).toHaveLength(2)
  })
})

test('MaskGIT fixes cells in the order of a Halton sequence if it is asked to', async () => {
  const settings = { steps: 8, choiceTemperature: 4.5, guidance: 0, logitFactor: 1, halton: 1 }
  const rule = maskedRule('maskgit', settings, 256)
  const [grid] = await drawn(
    openMaskedGenerator(await NETWORKS.maskgit(), 'maskgit', 'cpu'),
    [byUse(1, 3)],
    rule,
  )
  const steps = Array.from(haltonOrder(16), (cell) => grid!.steps![cell]!)
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  expect(new Set(steps).size).toBe(8)
})

describe('the GPT of taming-transformers', () => {
  test('draws the original tokens', async () => {
    const expected = await references('taming', [
      'draw_seed',
      'traj_k',
      'traj_p',
      'traj_temperature',
      'traj_class',
      'traj_tokens',
      'greedy_class',
      'greedy_tokens',
    ])
    const one = (key: string) => expected[key]![0]!
    const network = await NETWORKS.taming()
    const settings = { temperature: one('traj_temperature'), topK: one('traj_k'), topP: one('traj_p') }
    const image = byUse(one('draw_seed'), one('traj_class'))
    const decoder = openRasterDecoder(network, 'taming', 'cpu')
    const [grid] = await (await decoder).draw([image], rasterRule('taming', settings, 256), callbacks)
    expect(Array.from(grid!.tokens)).toEqual(expected.traj_tokens)
    const [greedy] = await drawn(decoder, [byUse(0, one('greedy_class'))], GREEDY)
    expect(Array.from(greedy!.tokens)).toEqual(expected.greedy_tokens)
  })
})

describe.each(['rar', 'llamagen'] as const)('%s', (name) => {
  test('draws the original tokens of two images together, with guidance', async () => {
    const expected = await references(name, [
      'draw_seed',
      'settings',
      'classes',
      'sampled_tokens',
      'greedy_tokens',
      'greedy_margin',
    ])
    const rule = ruleOf(name, expected.settings!)
    const images = expected.classes!.map((label, i) => byImage(expected.draw_seed![0]!, i, label))
    const decoder = openRasterDecoder(await NETWORKS[name](), name, 'cpu')
    const grids = await (await decoder).draw(images, rule, callbacks)
    expect(grids.flatMap(({ tokens }) => Array.from(tokens))).toEqual(expected.sampled_tokens)
    const greedy = await drawn(decoder, images, { ...GREEDY, guidance: rule.guidance })
    for (const [i, { tokens }] of greedy.entries()) {
      // A flip at a near tie changes all that follows.
      const margins = expected.greedy_margin!.slice(i * 256, (i + 1) * 256)
      const near = margins.findIndex((margin, at) => margin < 1e-4 * (1 + 2 * rule.guidance!(at)!))
      const length = near < 0 ? 256 : near
      expect(length).toBeGreaterThan(100)
      expect(Array.from(tokens.slice(0, length))).toEqual(
        expected.greedy_tokens!.slice(i * 256, i * 256 + length),
      )
    }
  })

  test('draws an image identically alone and in a batch', async () => {
    const expected = await references(name, ['settings', 'classes'])
    const images = [3, 1, 4].map((seed, i) => byImage(seed, i, expected.classes![i % 2]!))
    const decoder = await openRasterDecoder(await NETWORKS[name](), name, 'cpu')
    try {
      for (const guidance of [ruleOf(name, expected.settings!).guidance, undefined]) {
        const rule = { ...ruleOf(name, expected.settings!), guidance }
        const together = await decoder.draw(images, rule, callbacks)
        const [alone] = await decoder.draw([images[1]!], rule, callbacks)
        expect(alone).toEqual(together[1])
      }
    } finally {
      await decoder.close()
    }
  })
})

describe('VAR', () => {
  const image = (seed: number, index: number, label: number): GeneratorImage => ({
    image: index,
    label,
    noise: { uniform: (scale, at) => uniformByImage(seed, index, scale, at), gumbel: () => NaN },
  })
  const opened = async () =>
    openScalesDecoder(await NETWORKS.var(), 'var', await tensorsOf('var', 'vqgan'), 'cpu')

  test('draws the original tokens of all scales of two images together, with guidance', async () => {
    const expected = await references('var', [
      'draw_seed',
      'settings',
      'classes',
      'guidance',
      'sampled_tokens',
      'greedy_tokens',
      'greedy_margin',
    ])
    const [guidance = 0, topK = 0, topP = 0] = expected.settings!
    const rule = scalesRule('var', { guidance, topK, topP }, 10)
    expected.guidance!.forEach((t, scale) => expect(rule.guidance!(scale)).toBeCloseTo(1 + t, 12))
    const images = expected.classes!.map((label, i) => image(expected.draw_seed![0]!, i, label))
    const decoder = await opened()
    const grids = await decoder.draw(images, rule, callbacks)
    expect(grids.flatMap(({ tokens }) => Array.from(tokens))).toEqual(expected.sampled_tokens)
    const greedy = await decoder.draw(images, { ...rule, token: { topK: 1 } }, callbacks)
    for (const [i, { tokens }] of greedy.entries()) {
      const margins = expected.greedy_margin!.slice(i * 680, (i + 1) * 680)
      const near = margins.findIndex((margin) => margin < 4e-4)
      const length = near < 0 ? 680 : near
      expect(length).toBeGreaterThan(100)
      expect(Array.from(tokens.slice(0, length))).toEqual(
        expected.greedy_tokens!.slice(i * 680, i * 680 + length),
      )
    }
    await decoder.close()
  })

  test('draws an image identically alone and in a batch', async () => {
    const images = [3, 1, 4].map((seed, i) => image(seed, i, 5))
    const decoder = await opened()
    for (const guidance of [1.5, 0]) {
      const rule = scalesRule('var', { guidance, topK: 0, topP: 1 }, 10)
      const together = await decoder.draw(images, rule, callbacks)
      expect(await decoder.draw([images[1]!], rule, callbacks)).toEqual([together[1]])
    }
    await decoder.close()
  })
})

describe('pinned tokens', () => {
  test('stay and are recorded with what the model gives them', async () => {
    const network = await NETWORKS.rar()
    const rule = rasterRule('rar', { temperature: 1, guidance: 1, guidancePower: 0 }, 256)
    const image = byImage(5, 0, 7)
    const decoder = await openRasterDecoder(network, 'rar', 'cpu')
    const [free] = await decoder.draw([image], rule, callbacks)
    const pinned = free!.tokens.map((token, at) => (at < 40 ? token : -1))
    const [held] = await decoder.draw([{ ...image, pinned }], rule, callbacks)
    await decoder.close()
    const { pinned: marks, ...rest } = held!
    expect(rest).toEqual(free)
    expect(marks!.reduce((sum, mark) => sum + mark, 0)).toBe(40)
  })

  test('stay in masked decoding', async () => {
    const network = await NETWORKS.mage()
    const rule = maskedRule('mage', { steps: 3, choiceTemperature: 4.5 }, 256)
    const pinned = Array.from({ length: 256 }, (_, at) => (at % 2 === 0 ? at : -1))
    const [grid] = await drawn(
      openMaskedGenerator(network, 'mage', 'cpu'),
      [{ ...byUse(1, null), pinned }],
      rule,
    )
    expect(Array.from(grid!.tokens).filter((_, at) => at % 2 === 0)).toEqual(
      pinned.filter((token) => token >= 0),
    )
    expect(grid!.logProbabilities.every((value) => value < 0)).toBe(true)
  })
})
