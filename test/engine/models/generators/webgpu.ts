// The generators through WebGPU, here a GPU in software: the logits of both rows of guidance and a greedy draw against the
// original ones, and their VQGANs against the processor, which vqgans.test.ts checks. Cut where it is long.
import { afterAll, describe, expect, test } from 'vitest'
import { onProcessor, placedNodes } from '../../../../scripts/bench/placement.ts'
import { openMaskedGenerator } from '../../../../src/engine/decoding/generators/masked.ts'
import { openRasterDecoder } from '../../../../src/engine/decoding/generators/raster.ts'
import { maskedRule, scalesRule } from '../../../../src/engine/decoding/generators/rules.ts'
import { openScalesDecoder } from '../../../../src/engine/decoding/generators/scales.ts'
import { oneRun, openCausalStep } from '../../../../src/engine/decoding/generators/step-cache.ts'
import type { DecodeCallbacks } from '../../../../src/engine/decoding/grid-decoder.ts'
import { graphToOnnx, type Graph } from '../../../../src/engine/graph/index.ts'
import { cacheNames, type CacheSizes } from '../../../../src/engine/models/attention.ts'
import type { CausalNetwork, Label } from '../../../../src/engine/models/generators/generator.ts'
import { maskgit } from '../../../../src/engine/models/generators/maskgit.ts'
import type { ModelTensors } from '../../../../src/engine/models/tensors.ts'
import { inferVqganConfig, withGrid } from '../../../../src/engine/models/vqgan-config.ts'
import { startsOf } from '../../../../src/engine/models/scale-sides.ts'
import { codesOf, vqganDecoder, vqganEncoder } from '../../../../src/engine/models/vqgan.ts'
import { openSession, tensor, type Provider, type Tensor } from '../../../../src/engine/session/index.ts'
import { gridOfSide } from '../../../../src/shared/grid/shape.ts'
import { byImage, byUse, callbacks, GREEDY, ruleOf } from '../../decoding/generators/draws.ts'
import { maxDifference, runGraph, toPixels, values } from '../run-graph.ts'
import {
  closeFixtures,
  formulaPictures,
  NETWORKS,
  references,
  tensorsOf,
  type FixtureName,
} from './fixture.ts'

/** As on the processor. */
const TOLERANCE = 1e-4
/** Tokens of a grid that is drawn one after another: a step takes a tenth of a second here. */
const TOKENS = 9
/** Scales of VAR, of its ten. */
const SCALES = 3
const CUT = new Error('cut')

afterAll(closeFixtures)

/** Rows of V columns, those at `places` only. */
const rowsAt = (all: readonly number[], V: number, places: readonly number[]) =>
  places.flatMap((at) => all.slice(at * V, (at + 1) * V))
const everyEighth = (rows: number) => Array.from({ length: Math.ceil(rows / 8) }, (_, i) => 8 * i)

describe('logits', () => {
  test('of MAGE', async () => {
    const network = await NETWORKS.mage()
    const expected = await references('mage', ['traj_ids_fed', 'logit_rows', 'logits_6'])
    const ids = network.ids(expected.traj_ids_fed!.slice(6 * 256, 7 * 256), null)
    const { logits } = await runGraph(network.step(), { ids: tensor('i64', ids, [1, 257]) }, 'webgpu')
    const found = rowsAt(values(logits), network.columns, expected.logit_rows!)
    expect(maxDifference(found, expected.logits_6!)).toBeLessThan(TOLERANCE)
  })

  test('of MaskGIT with a class and without', async () => {
    const network = await NETWORKS.maskgit()
    const keys = ['logits_c_4', 'logits_u_4'] as const
    const expected = await references('maskgit', ['traj_ids_fed', 'logit_rows', 'label', ...keys])
    const grid = expected.traj_ids_fed!.slice(4 * 256, 5 * 256)
    const ids = [...network.ids(grid, expected.label![0]!), ...network.ids(grid, null)]
    const { logits } = await runGraph(network.step(), { ids: tensor('i64', ids, [2, 257]) }, 'webgpu')
    for (const [row, key] of keys.entries()) {
      const places = expected.logit_rows!.map((at) => 256 * row + at)
      const found = rowsAt(values(logits), network.columns, places)
      expect(maxDifference(found, expected[key]!)).toBeLessThan(TOLERANCE)
    }
  })

  test('of the first steps of the GPT of taming-transformers', async () => {
    const expected = await references('taming', ['cls', 'vq_tokens', 'tf_logits', 'logit_rows'])
    const network = await NETWORKS.taming()
    const found = await stepped(network, [expected.cls![0]!], expected.vq_tokens!)
    // Of the first rows, the fixture has that of the class alone; the greedy draws below are of all.
    expect(expected.logit_rows![0]).toBe(0)
    const first = expected.tf_logits!.slice(0, network.vocabulary)
    expect(maxDifference(found[0]!.slice(0, network.vocabulary), first)).toBeLessThan(TOLERANCE)
  })

  test.each(['rar', 'llamagen'] as const)(
    'of the first steps of %s with a class and without',
    async (name) => {
      const expected = await references(name, ['classes', 'input_ids', 'logits_cond', 'logits_null'])
      const network = await NETWORKS[name]()
      const [withClass, free] = await stepped(network, [expected.classes![0]!, null], expected.input_ids!)
      expect(maxDifference(withClass!, expected.logits_cond!.slice(0, withClass!.length))).toBeLessThan(
        TOLERANCE,
      )
      const rows = rowsAt(free!, network.vocabulary, everyEighth(TOKENS))
      expect(maxDifference(rows, expected.logits_null!.slice(0, rows.length))).toBeLessThan(TOLERANCE)
    },
  )

  test('of the first scales of VAR with a class and without', async () => {
    const network = await NETWORKS.var()
    const { codeWidth: E, vocabulary: V, cache } = network
    const expected = await references('var', ['classes', 'input_maps', 'logits_cond', 'logits_null'])
    const maps = [...new Array<number>(E).fill(0), ...expected.input_maps!]
    const condition = tensor('i64', [network.condition(expected.classes![0]!), network.condition(null)], [2])
    const keepOnDevice = cacheNames('present', cache.layers)
    const session = await openSession(graphToOnnx(network.step()), { provider: 'webgpu', keepOnDevice })
    const earlier = oneRun(cache, 2)
    for (const [scale, start] of startsOf(network.sides.slice(0, SCALES)).entries()) {
      const T = network.sides[scale]! ** 2
      const seen = maps.slice(start * E, (start + T) * E)
      const outputs = await session.run({
        maps: tensor('f32', [...seen, ...seen], [2, T, E]),
        start: tensor('i64', [start], []),
        condition,
        ...earlier.feeds,
      })
      await earlier.add(outputs, T)
      const found = values(outputs.logits)
      const withClass = expected.logits_cond!.slice(start * V, (start + T) * V)
      expect(maxDifference(found.slice(0, T * V), withClass)).toBeLessThan(TOLERANCE)
      const kept = everyEighth(start + T).filter((at) => at >= start)
      const free = rowsAt(
        found.slice(T * V),
        V,
        kept.map((at) => at - start),
      )
      const places = kept.map((at) => at / 8)
      expect(maxDifference(free, rowsAt(expected.logits_null!, V, places))).toBeLessThan(TOLERANCE)
    }
    earlier.release()
    await session.close()
  })
})

/** The logits of the first positions of a sequence for each label, by the step that draws. */
async function stepped(
  network: CausalNetwork,
  labels: readonly Label[],
  ids: readonly number[],
): Promise<number[][]> {
  const step = await openCausalStep(network, 'webgpu')
  const R = labels.length
  const cache = step.cache(R)
  const starts = labels.map((label) => network.start(label))
  const rows = labels.map((): number[] => [])
  let [next, start] = [starts, 0]
  for (let at = 0; at < TOKENS; at++) {
    const T = next[0]!.length
    const outputs = await step.session.run({
      ids: tensor('i64', next.flat(), [R, T]),
      start: tensor('i64', [start], []),
      ...(network.conditioned
        ? {
            condition: tensor(
              'i64',
              starts.map((row) => row.at(-1)!),
              [R],
            ),
          }
        : {}),
      ...cache.feeds,
    })
    await cache.add(outputs, T)
    const V = network.vocabulary
    rows.forEach((row, r) => row.push(...values(outputs.logits).slice(r * V, (r + 1) * V)))
    start += T
    next = labels.map(() => [ids[at]!])
  }
  cache.release()
  await step.close()
  return rows
}

/** MaskGIT's tensors for a smaller grid: every position reads every other, which takes long here. */
function firstPositions(tensors: ModelTensors, positions: number): ModelTensors {
  const axis: Readonly<Record<string, number>> = { pos_emb: 1, bias: 0 }
  return {
    ...tensors,
    get(name, shape) {
      const at = axis[name]
      if (at === undefined) return tensors.get(name, shape)
      const view = tensors.get(name)
      return { ...view, shape: view.shape.with(at, positions) }
    },
  }
}

describe('draws', () => {
  test('MaskGIT: those of the processor in two steps with guidance', async () => {
    const settings = { steps: 2, choiceTemperature: 4.5, guidance: 3, logitFactor: 1 }
    const { cells } = gridOfSide(8)
    const network = maskgit(firstPositions(await tensorsOf('maskgit', 'generator'), cells + 1), {
      heads: 4,
      codes: 64,
    })
    const drawnOn = async (provider: Provider) => {
      const decoder = await openMaskedGenerator(network, 'maskgit', provider)
      const [grid] = await decoder.draw([byUse(1, 3)], maskedRule('maskgit', settings, cells), callbacks)
      await decoder.close()
      return grid!
    }
    const [cpu, gpu] = [await drawnOn('cpu'), await drawnOn('webgpu')]
    expect([gpu.tokens, gpu.steps]).toEqual([cpu.tokens, cpu.steps])
  })

  test.each(['taming', 'rar', 'llamagen'] as const)('%s: the original greedy ones', async (name) => {
    const keys = name === 'taming' ? (['greedy_class'] as const) : (['classes', 'settings'] as const)
    const expected: Record<string, number[]> = await references(name, ['greedy_tokens', ...keys])
    const rule =
      name === 'taming' ? GREEDY : { ...GREEDY, guidance: ruleOf(name, expected.settings!).guidance }
    const decoder = await openRasterDecoder({ ...(await NETWORKS[name]()), cells: TOKENS }, name, 'webgpu')
    const label = (expected.greedy_class ?? expected.classes)![0]!
    const [grid] = await decoder.draw([byImage(0, 0, label)], rule, callbacks)
    await decoder.close()
    expect(Array.from(grid!.tokens)).toEqual(expected.greedy_tokens!.slice(0, TOKENS))
  })

  test('VAR: the original greedy ones of the first scales', async () => {
    const expected = await references('var', ['settings', 'classes', 'greedy_tokens'])
    const rule = scalesRule('var', { guidance: expected.settings![0]!, topK: 1, topP: 1 }, 10)
    const network = await NETWORKS.var()
    const decoder = await openScalesDecoder(network, 'var', await tensorsOf('var', 'vqgan'), 'webgpu')
    const found: number[] = []
    const stop = new AbortController()
    const onGrids: DecodeCallbacks['onGrids'] = (_, [image]) => {
      found.push(...image!.tokens)
      if (found.length === startsOf(network.sides)[SCALES]) stop.abort(CUT)
    }
    const drawing = decoder.draw([byImage(0, 0, expected.classes![0]!)], rule, {
      ...callbacks,
      signal: stop.signal,
      onGrids,
    })
    await expect(drawing).rejects.toBe(CUT)
    await decoder.close()
    expect(found).toEqual(expected.greedy_tokens!.slice(0, found.length))
  })
})

// A grid of 2 x 2, of VAR its first two scales.
test.each<FixtureName>(['mage', 'taming', 'maskgit', 'rar', 'llamagen', 'var'])(
  'the VQGAN of %s: pixels and codes as on the processor',
  async (name) => {
    const tensors = await tensorsOf(name, 'vqgan')
    const whole = inferVqganConfig(tensors)
    const config = { ...withGrid(whole, gridOfSide(2)), ...(whole.scales ? { scales: [1, 2] } : {}) }
    const { resolution: R } = config
    const N = codesOf(config)
    const codes = Array.from({ length: N }, (_, i) => (7 * i) % config.codes)
    const picture = formulaPictures().filter((_, i) => i % 768 < 3 * R && i < 768 * R)
    const both = async (graph: Graph, feeds: Record<string, Tensor>) => [
      await runGraph(graph, feeds),
      await runGraph(graph, feeds, 'webgpu'),
    ]
    const [cpu, gpu] = await both(vqganDecoder(tensors, config), { codes: tensor('i64', codes, [1, N]) })
    expect(maxDifference(values(gpu!.pixels), values(cpu!.pixels))).toBeLessThan(TOLERANCE)
    const pixels = tensor('f32', toPixels(picture, R), [1, 3, R, R])
    const [found, foundGpu] = await both(vqganEncoder(tensors, config), { pixels })
    expect(new Set(values(found!.codes)).size).toBeGreaterThan(1)
    expect(values(foundGpu!.codes)).toEqual(values(found!.codes))
  },
)

test('of a step, no node of a layer is on the processor, and none waits for the GPU', async () => {
  const past = ({ layers, heads, dim }: CacheSizes) =>
    Object.fromEntries(
      cacheNames('past', layers).map((name) => [
        name,
        tensor('f32', new Float32Array(4 * dim).fill(0.1), [1, heads, 4, dim / heads]),
      ]),
    )
  const [rar, scales] = [await NETWORKS.rar(), await NETWORKS.var()]
  const steps: readonly (readonly [Graph, Record<string, Tensor>])[] = [
    [
      rar.plainStep(),
      {
        ids: tensor('i64', [1], [1, 1]),
        condition: tensor('i64', [rar.start(3).at(-1)!], [1]),
        ...past(rar.cache),
      },
    ],
    [
      scales.step(),
      {
        maps: tensor('f32', new Float32Array(4 * scales.codeWidth), [1, 4, scales.codeWidth]),
        condition: tensor('i64', [3], [1]),
        ...past(scales.cache),
      },
    ],
  ]
  for (const [graph, feeds] of steps) {
    const nodes = await placedNodes(async (profile) => {
      const session = await openSession(graphToOnnx(graph), { provider: 'webgpu', profile })
      await session.run(
        session.inputs.includes('start') ? { ...feeds, start: tensor('i64', [4], []) } : feeds,
      )
      await session.close()
    })
    expect(nodes.length).toBeGreaterThan(100)
    const ops = onProcessor(nodes).map(({ op }) => op)
    expect(ops.length).toBeLessThan(16)
    // Integers from ids and positions, which come from the processor.
    for (const op of ops)
      expect(op).toMatch(/^(Reshape|Unsqueeze|Range|Add|Gather|Min|Less|LessOrEqual|GreaterOrEqual)$/)
  }
})
