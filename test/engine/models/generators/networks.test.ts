// The generators' logits against those of the original classes: masked ones in one pass, causal ones step by step with
// the cache. Tolerance: float32 is off by up to 1e-5 in the originals; the smallest wrong reading moves them by 1e-3.
import { afterAll, describe, expect, test } from 'vitest'
import { graphToOnnx } from '../../../../src/engine/graph/index.ts'
import { cacheNames } from '../../../../src/engine/models/attention.ts'
import type { CausalNetwork, Label } from '../../../../src/engine/models/generators/generator.ts'
import { openSession, tensor, type Tensor } from '../../../../src/engine/session/index.ts'
import { maxDifference, runGraph, values } from '../run-graph.ts'
import { closeFixtures, NETWORKS, references } from './fixture.ts'

const TOLERANCE = 1e-4

afterAll(closeFixtures)

test.each([0, 6, 11])('MAGE gives the original logits at step %i', async (step) => {
  const network = await NETWORKS.mage()
  const key = `logits_${step}`
  const expected = await references('mage', ['traj_ids_fed', 'logit_rows', key])
  const grid = expected.traj_ids_fed!.slice(step * 256, (step + 1) * 256)
  const { logits } = await runGraph(network.step(), { ids: tensor('i64', network.ids(grid, null), [1, 257]) })
  const found = values(logits)
  const rows = expected.logit_rows!.flatMap((at) => found.slice(at * 1024, (at + 1) * 1024))
  expect(maxDifference(rows, expected[key]!)).toBeLessThan(TOLERANCE)
})

test.each([
  [0, 'c'],
  [0, 'u'],
  [4, 'c'],
  [7, 'u'],
])('MaskGIT gives the original logits at step %i, branch %s', async (step, branch) => {
  const network = await NETWORKS.maskgit()
  const key = `logits_${branch}_${step}`
  const expected = await references('maskgit', ['traj_ids_fed', 'logit_rows', 'label', key])
  const grid = expected.traj_ids_fed!.slice(step * 256, (step + 1) * 256)
  const label = branch === 'c' ? expected.label![0]! : null
  const { logits } = await runGraph(network.step(), {
    ids: tensor('i64', network.ids(grid, label), [1, 257]),
  })
  const found = values(logits)
  const rows = expected.logit_rows!.flatMap((at) => found.slice(at * 65, (at + 1) * 65))
  expect(maxDifference(rows, expected[key]!)).toBeLessThan(TOLERANCE)
})

test('the GPT of taming-transformers gives the original logits', async () => {
  const { cls, vq_tokens, tf_logits, logit_rows } = await references('taming', [
    'cls',
    'vq_tokens',
    'tf_logits',
    'logit_rows',
  ])
  const rows = await stepped(await NETWORKS.taming(), cls![0]!, vq_tokens!.slice(0, 255))
  const found = logit_rows!.flatMap((at) => rows[at]!)
  expect(maxDifference(found, tf_logits!.slice(0, found.length))).toBeLessThan(TOLERANCE)
})

describe.each(['rar', 'llamagen'] as const)('%s', (name) => {
  test('gives the original logits with a class and without', async () => {
    const network = await NETWORKS[name]()
    const expected = await references(name, ['classes', 'input_ids', 'logits_cond', 'logits_null'])
    const ids = expected.input_ids!.slice(0, 255)
    const conditional = (await stepped(network, expected.classes![0]!, ids)).flat()
    expect(maxDifference(conditional, expected.logits_cond!.slice(0, conditional.length))).toBeLessThan(
      TOLERANCE,
    )
    // The fixture keeps every eighth row.
    const free = (await stepped(network, null, ids)).filter((_, at) => at % 8 === 0).flat()
    expect(maxDifference(free, expected.logits_null!.slice(0, free.length))).toBeLessThan(TOLERANCE)
  })
})

describe('VAR', () => {
  test.each([
    ['with a class', 'logits_cond', 1],
    ['without', 'logits_null', 8],
  ])('gives the original logits of all scales in one pass %s', async (_, key, every) => {
    const network = await NETWORKS.var()
    const expected = await references('var', ['classes', 'input_maps', key])
    const width = network.codeWidth
    const maps = [...new Array<number>(width).fill(0), ...expected.input_maps!]
    const label = key === 'logits_cond' ? expected.classes![0]! : null
    const { logits } = await runGraph(network.pass(), {
      maps: tensor('f32', maps, [1, network.cells, width]),
      condition: tensor('i64', [network.condition(label)], [1]),
    })
    const V = network.vocabulary
    const found = values(logits).filter((_, i) => Math.floor(i / V) % every === 0)
    expect(found).toHaveLength(expected[key]!.length)
    expect(maxDifference(found, expected[key]!)).toBeLessThan(TOLERANCE)
  })
})

/** The logits of every position of a sequence, each from one step with a cache of all before. */
async function stepped(network: CausalNetwork, label: Label, ids: readonly number[]): Promise<number[][]> {
  const session = await openSession(graphToOnnx(network.step()), { provider: 'cpu', threads: 1 })
  const { layers, heads, dim } = network.cache
  const empty = (prefix: string) =>
    Object.fromEntries(
      cacheNames(prefix, layers).map((cache) => [
        cache,
        tensor('f32', new Float32Array(0), [1, heads, 0, dim / heads]),
      ]),
    )
  const rows: number[][] = []
  let fresh: Record<string, Tensor> = empty('fresh')
  let next = network.start(label)
  const condition = network.conditioned ? { condition: tensor('i64', [next.at(-1)!], [1]) } : {}
  let start = 0
  for (const id of [...ids, -1]) {
    const outputs = await session.run({
      ids: tensor('i64', next, [1, next.length]),
      start: tensor('i64', [start], []),
      ...condition,
      ...empty('past'),
      ...fresh,
    })
    rows.push(values(outputs.logits))
    start += next.length
    fresh = Object.fromEntries(cacheNames('fresh', layers).map((cache) => [cache, outputs[`${cache}_out`]!]))
    next = [id]
  }
  await session.close()
  return rows
}
