// How a model came to the token of a cell, against fairseq's own attention (test/fixtures/attention/make.py): the same
// weights, inputs and masks give the same numbers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFile, readNpz } from '../../../src/engine/bytes/index.ts'
import { cellAttention } from '../../../src/engine/inspect/cell-attention.ts'
import { cellLogits } from '../../../src/engine/inspect/cell-logits.ts'
import { maskedLogProbabilities } from '../../../src/engine/inspect/cell-masked.ts'
import { rolloutRow } from '../../../src/engine/inspect/rollout.ts'
import { textToRecord, type ImageRecord } from '../../../src/engine/records/image-record.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { attentionGraph } from '../../../src/engine/models/attention-graph.ts'
import { SPECIALS, UNK } from '../../../src/engine/models/transformer-config.ts'
import { keptNetworks } from '../../../src/engine/devices/network-pool.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { emptyGrid, type DrawnGrid } from '../../../src/engine/tokens/grid.ts'
import type { GridName } from '../../../src/shared/grid/layout.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { QUICK } from '../../quick-request.ts'
import { maxDifference, OFFICIAL, runGraph, values } from '../models/run-graph.ts'

const { path } = temporaryFolder()
const CELLS = 256
/** Float32 here, float64 with a float32 softmax there; logits are up to 10. */
const CLOSE = 1e-5

const CASES = {
  stage1: { role: 'stage1', grid: 'discriminative', prefix: 0 },
  stage2: { role: 'stage2Ar', grid: 'codes', prefix: CELLS },
  nar: { role: 'stage2Nar', grid: 'codes', prefix: CELLS },
} as const
type Case = keyof typeof CASES
const NAMES = Object.keys(CASES) as Case[]

const kept = keptNetworks()
const networks = kept.lease()
let models: OpenModels
let arrays: ReadonlyMap<string, Float64Array>
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  const source = await openFile(join(import.meta.dirname, '../../fixtures/attention/official-tiny.npz'))
  const read = await readNpz(source)
  await source.close()
  arrays = new Map([...read].map(([name, { data }]) => [name, Float64Array.from(data as Iterable<number>)]))
})
afterAll(async () => {
  await networks.close()
  await kept.close()
  await models.close()
})
const expected = (name: Case, what: string) => arrays.get(`${name}_${what}`)!

/** Part `i` of `of` equal ones. */
const part = (all: Float64Array, i: number, of: number) =>
  all.subarray((i * all.length) / of, ((i + 1) * all.length) / of)

/** The record of an image whose cell is predicted from the reference's input. */
async function recordOf(name: Case): Promise<ImageRecord> {
  const { role, grid, prefix } = CASES[name]
  const { file, config } = await models.open(role)
  const ids = expected(name, 'ids')
  const own = ids.subarray(prefix + 1)
  const drawn: DrawnGrid = {
    ...emptyGrid(CELLS),
    tokens: Int32Array.from(own, (id) => (id === UNK ? 7 : id - SPECIALS)),
    // Visible codes were decided before the masked ones.
    ...(name === 'nar' ? { steps: Int32Array.from(own, (id) => (id === UNK ? 1 : 0)) } : {}),
  }
  const stage = { kind: config.kind, sha256: file.sha256, sampling: { temperature: 1, topK: 0, topP: 0 } }
  const before = Int32Array.from(ids.subarray(0, prefix), (id) => id - 2 * SPECIALS - config.vocabulary)
  return {
    image: 0,
    app: 'test',
    recipe: {
      seed: 0,
      vqgan: '',
      weightBits: 32,
      provider: 'cpu',
      ...(grid === 'codes' ? { stage2: stage } : { stage1: stage }),
    },
    discriminative: grid === 'codes' ? { tokens: before } : drawn,
    codes: grid === 'codes' ? drawn : { tokens: new Int32Array(CELLS) },
  }
}
/** The cell that a position predicts. */
const cellAt = (name: Case, position: number) => position - CASES[name].prefix - (name === 'nar' ? 1 : 0)

describe.each(NAMES)('%s', (name) => {
  const { grid, prefix } = CASES[name]

  test('attention, rollout and the logits of every layer match fairseq', async () => {
    const record = await recordOf(name)
    const positions = expected(name, 'positions')
    for (const [i, position] of positions.entries()) {
      const cell = cellAt(name, position)
      const { input, layers, heads, weights, rollout, lens, logProbability } = await cellAttention(
        record,
        grid,
        cell,
        models,
        networks,
      )
      const T = input.positions
      expect(input).toMatchObject({ cells: CELLS, prefix, position, start: 'symbol' })
      expect(T).toBe(name === 'nar' ? 2 * CELLS + 1 : position + 1)
      expect([layers, heads]).toEqual([3, 4])
      // The reference has the positions behind the cell, too: nothing reads them.
      const whole = part(expected(name, 'weights'), i, positions.length)
      const length = whole.length / (layers * heads)
      const rows = Array.from({ length: layers * heads }, (_, row) =>
        whole.subarray(row * length, (row + 1) * length),
      )
      expect(
        maxDifference(
          weights,
          rows.flatMap((row) => [...row.subarray(0, T)]),
        ),
      ).toBeLessThan(CLOSE)
      expect(rows.every((row) => row.subarray(T).every((share) => share === 0))).toBe(true)
      for (let row = 0; row < layers * heads; row++)
        expect(weights.subarray(row * T, (row + 1) * T).reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      expect(
        maxDifference(rollout, part(expected(name, 'rollout'), i, positions.length).subarray(0, T)),
      ).toBeLessThan(CLOSE)
      expect(rollout.reduce((a, b) => a + b)).toBeCloseTo(1, 5)

      const logits = part(expected(name, 'lens'), i, positions.length)
      const token = record[grid]!.tokens[cell]!
      for (let layer = 0; layer <= layers; layer++) {
        const row = part(logits, layer, layers + 1)
        const log = logSoftmax(row, name)
        expect(Math.log(lens.probabilities[layer]!)).toBeCloseTo(log[token + SPECIALS]!, 4)
        const entropy = log.reduce((sum, value) => sum - (value > -Infinity ? Math.exp(value) * value : 0), 0)
        expect(lens.entropies[layer]!).toBeCloseTo(entropy, 4)
        const [first] = Array.from(log.subarray(SPECIALS).keys()).sort(
          (a, b) => log[b + SPECIALS]! - log[a + SPECIALS]!,
        )
        expect(lens.tokens[layer * lens.top]).toBe(first)
        expect(Math.log(lens.tokenProbabilities[layer * lens.top]!)).toBeCloseTo(log[first! + SPECIALS]!, 4)
        expect(lens.ranks[layer]).toBe(
          log.subarray(SPECIALS).filter((other) => other > log[token + SPECIALS]!).length,
        )
      }
      expect(logProbability).toBeCloseTo(
        logSoftmax(part(logits, layers, layers + 1), name)[token + SPECIALS]!,
        4,
      )
    }
  })

  test('the probability with one position masked matches fairseq', async () => {
    const record = await recordOf(name)
    const position = expected(name, 'positions').at(-1)!
    const hidden = expected(name, 'hidden')
    const cell = cellAt(name, position)
    const found: number[] = []
    // Answers may be of any length.
    while (found.length < hidden.length) {
      const left = [...hidden.subarray(found.length)]
      const budget = found.length === 0 ? 0 : 1000
      found.push(...(await maskedLogProbabilities(record, grid, cell, left, models, networks, budget)))
    }
    const token = record[grid]!.tokens[cell]!
    const wanted = Array.from(
      hidden,
      (_, i) => logSoftmax(part(expected(name, 'masked'), i, hidden.length), name)[token + SPECIALS]!,
    )
    expect(maxDifference(found, wanted)).toBeLessThan(CLOSE)
    expect(new Set(found.map((value) => value.toFixed(6))).size).toBeGreaterThan(1)
  })
})

/** Without specials in masked decoding. */
function logSoftmax(logits: Float64Array, name: Case): Float64Array {
  const shown = logits.map((logit, id) => (name === 'nar' && id < SPECIALS ? -Infinity : logit))
  const most = Math.max(...shown)
  const total = shown.reduce((sum, logit) => sum + Math.exp(logit - most), 0)
  return shown.map((logit) => logit - most - Math.log(total))
}

test('a position of a causal model does not read what comes after it', async () => {
  const model = await models.open('stage1')
  const ids = Array.from(expected('stage1', 'ids'))
  const { weights } = await runGraph(attentionGraph(model), {
    ids: tensor('i64', ids, [1, ids.length]),
    position: tensor('i64', [40], [1]),
  })
  const T = ids.length
  const behind = values(weights).filter((_, at) => at % T > 40)
  expect(behind.length).toBe(12 * (T - 41))
  expect(behind.every((share) => share === 0)).toBe(true)
})

test('rollout is the row of the product of the mixed matrices', () => {
  const [a, b] = [
    [1, 0, 0, 0.5, 0.5, 0, 0.2, 0.3, 0.5],
    [1, 0, 0, 0.1, 0.9, 0, 0.6, 0.2, 0.2],
  ]
  const mixed = (m: readonly number[]) => m.map((w, at) => (w + (at % 4 === 0 ? 1 : 0)) / 2)
  const product = (x: readonly number[], y: readonly number[]) =>
    x.map((_, at) =>
      [0, 1, 2].reduce((sum, k) => sum + x[Math.floor(at / 3) * 3 + k]! * y[k * 3 + (at % 3)]!, 0),
    )
  const whole = product(mixed(b!), mixed(a!))
  for (const row of [0, 1, 2])
    expect(maxDifference(rolloutRow([a!, b!], row, 3), whole.slice(row * 3, row * 3 + 3))).toBeLessThan(1e-15)
})

describe('of sampled images', () => {
  const signal = new AbortController().signal
  async function sampled(name: string, change: object): Promise<ImageRecord> {
    const out = join(path, name)
    await runSample(
      { kind: 'sample', ...QUICK, count: 1, shards: 1, shard: 0, model: OFFICIAL, out, ...change },
      { progress() {}, signal, networks: kept },
    )
    return textToRecord(readFileSync(join(out, 'images/000000.png')), out)
  }
  test.each([
    ['class', { classes: [1] }, 'discriminative'],
    ['nar', { stage2: 'nar' }, 'codes'],
    ['bits', { weightBits: 8 }, 'discriminative'],
  ] as const)('the last layer gives the logits already shown (%s)', async (name, change, grid) => {
    const record = await sampled(name, { seed: 5, ...change })
    for (const cell of [0, 77]) {
      const { input, lens, layers, logProbability } = await cellAttention(
        record,
        grid,
        cell,
        models,
        networks,
      )
      const { logits, specials, specialsInSoftmax } = await cellLogits(record, grid, cell, models, networks)
      const log = logSoftmax(Float64Array.from(logits), specialsInSoftmax ? 'stage1' : 'nar')
      const token = record[grid]!.tokens[cell]!
      expect(logProbability).toBeCloseTo(log[specials + token]!, 4)
      // Quantized weights round differently in a pass of one token.
      if (name !== 'bits')
        expect(logProbability).toBeCloseTo((record[grid] as DrawnGrid).logProbabilities[cell]!, 3)
      expect(lens.probabilities[layers]).toBeCloseTo(Math.exp(logProbability), 6)
      expect(input.start).toBe(name === 'class' ? 'class' : 'symbol')
      expect(input.masked?.[cell]).toBe(name === 'nar' ? 1 : undefined)
    }
  })

  test('masking is refused where there is nothing to mask, by position', async () => {
    const [ar, nar] = [
      await sampled('first', { seed: 6 }),
      await sampled('nar-masked', { stage2: 'nar', seed: 6 }),
    ]
    const ask = (record: ImageRecord, grid: GridName, cell: number, position: number) =>
      maskedLogProbabilities(record, grid, cell, [position], models, networks)
    await expect(ask(ar, 'discriminative', 0, 0)).rejects.toThrow('the first cell has nothing before it')
    await expect(ask(ar, 'discriminative', 3, 4)).rejects.toThrow(
      'position out of range (found 4, expected 0 to 3)',
    )
    await expect(ask(nar, 'codes', 3, CELLS + 4)).rejects.toThrow(
      `position ${CELLS + 4}: already masked when this cell was drawn`,
    )
  })
})
