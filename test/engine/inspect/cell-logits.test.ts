// The logits behind a cell: drawing from them again, with the recorded random numbers, gives what the record says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cellLogits } from '../../../src/engine/inspect/cell-logits.ts'
import { textToRecord, type ImageRecord } from '../../../src/engine/records/image-record.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { keptNetworks } from '../../../src/engine/devices/network-pool.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { DrawnGrid } from '../../../src/engine/tokens/grid.ts'
import { uniform } from '../../../src/engine/tokens/random.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { keptToToken, logitsToKept } from '../../../src/shared/run/sampler.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { changed, fairseqOf, torchFile } from '../../torch-file.ts'
import { QUICK } from '../../quick-request.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const { path, write } = temporaryFolder()
const STAGE1 = join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')
const kept = keptNetworks()
const networks = kept.lease()
const CELLS = [0, 1, 15, 16, 100, 255]
const stage1Sampling = { temperature: 0.8, topK: 0, topP: 0.9 }
const stage2Sampling = { temperature: 1.3, topK: 20, topP: 0 }
const masked = { steps: 5, choiceTemperature: 4.5 }

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(async () => {
  await networks.close()
  await kept.close()
  await models.close()
})

/** Image 1 of a run. */
async function sample(name: string, change: Partial<SampleSpec>): Promise<ImageRecord> {
  const out = join(path, name)
  const all = {
    kind: 'sample',
    ...QUICK,
    stage1Sampling,
    stage2Sampling,
    masked,
    count: 2,
    shards: 1,
    shard: 0,
  } as const
  await runSample(
    { ...all, model: OFFICIAL, out, ...change },
    { progress() {}, signal: new AbortController().signal, networks: kept },
  )
  return textToRecord(readFileSync(join(out, 'images/000001.png')), out)
}

/** Draws the cell again, unless it was pinned, and compares with what is recorded. */
async function compare(record: ImageRecord, grid: 'discriminative' | 'codes', cell: number, number: number) {
  const { logits, specials, specialsInSoftmax } = await cellLogits(record, grid, cell, models, networks)
  const sampling = grid === 'codes' ? stage2Sampling : stage1Sampling
  if (!specialsInSoftmax) logits.fill(-Infinity, 0, specials)
  const drawn = record[grid] as DrawnGrid
  const token = drawn.tokens[cell]!
  const all = logitsToKept(logits, { ...sampling, topK: 0, topP: 0 })
  const rank = all.tokens.indexOf(token)
  expect(all.entropy).toBeCloseTo(drawn.entropies[cell]!, 4)
  expect(Math.log(all.probabilities[rank]!)).toBeCloseTo(drawn.logProbabilities[cell]!, 4)
  // Neighbours within rounding may change places.
  const recorded = all.probabilities[drawn.ranks[cell]!]!
  expect(Math.log(recorded)).toBeCloseTo(Math.log(all.probabilities[rank]!), 4)
  if (drawn.pinned?.[cell]) return
  const again = keptToToken(logitsToKept(logits, sampling), number)
  if (again.margin > 1e-4) expect(again.token).toBe(token)
}

test('the logits of stage 1 match the record, without and with a class', async () => {
  for (const [name, classes] of [
    ['plain', []],
    ['class', [0, 1]],
  ] as const) {
    const record = await sample(name, { classes: [...classes], seed: 3 })
    for (const cell of CELLS) await compare(record, 'discriminative', cell, uniform(3, 1, 'stage1', cell))
  }
})

test('the logits of autoregressive stage 2 match the record', async () => {
  const record = await sample('ar', { stage2: 'ar', seed: 4 })
  for (const cell of CELLS) await compare(record, 'codes', cell, uniform(4, 1, 'stage2', cell))
})

test('the logits of masked stage 2 match the record, in every step', async () => {
  const record = await sample('nar', { seed: 5 })
  const { steps } = record.codes as DrawnGrid
  for (let step = 0; step < masked.steps; step++)
    for (const cell of [steps!.indexOf(step), steps!.lastIndexOf(step)])
      await compare(record, 'codes', cell, uniform(5, 1, 'maskedToken', step * 256 + cell))
})

describe.each(['ar', 'nar'] as const)('pinned tokens, stage 2 %s', (stage2) => {
  test('the logits of pinned and drawn cells match the record, with the noise of image 0', async () => {
    const tokens = Array.from({ length: 256 }, (_, cell) => (cell % 3 === 0 ? cell % 40 : -1))
    const pinned = [{ discriminative: tokens, codes: tokens }]
    const record = await sample(`pinned-${stage2}`, { stage2, seed: 6, pinned, commonNoise: 'stage2' })
    for (const cell of [0, 1, 15, 30, 31, 254, 255]) {
      await compare(record, 'discriminative', cell, uniform(6, 1, 'stage1', cell))
      const step = (record.codes as DrawnGrid).steps?.[cell] ?? 0
      const number =
        stage2 === 'ar' ? uniform(6, 0, 'stage2', cell) : uniform(6, 0, 'maskedToken', step * 256 + cell)
      await compare(record, 'codes', cell, number)
    }
  })
})

test('refuses grids that were not sampled, and other models, by name', async () => {
  const record = await sample('refused', { count: 2 })
  const ask = (record: ImageRecord, grid: 'discriminative' | 'codes') =>
    cellLogits(record, grid, 0, models, networks)
  const { stage1, ...recipe } = record.recipe
  await expect(ask({ ...record, recipe }, 'discriminative')).rejects.toThrow(
    'the discriminative tokens of this image were not sampled',
  )
  const other = { ...record, recipe: { ...recipe, stage1: { ...stage1!, sha256: 'ab'.repeat(32) } } }
  await expect(ask(other, 'discriminative')).rejects.toThrow(
    /made with another stage1 model \(recorded abababababab, open [0-9a-f]{12}: \S+\.pt\)$/,
  )
})

test('logits that are not finite are refused, by file and cell', async () => {
  const record = await sample('not-finite', { count: 2 })
  const { config, model } = await fairseqOf(STAGE1)
  const name = 'decoder.layers.0.fc1.weight'
  const bad = { ...model, [name]: changed(model[name]!, (value, i) => (i === 7 ? NaN : value)) }
  const file = write('nan.pt', torchFile({ cfg: { model: config }, model: bad }))
  const others = await openModels([file])
  const { sha256 } = (await others.open('stage1')).file
  const remade = { ...record, recipe: { ...record.recipe, stage1: { ...record.recipe.stage1!, sha256 } } }
  await expect(cellLogits(remade, 'discriminative', 3, others, networks)).rejects.toThrow(
    `${file}: stage1, cell 3: the logits are not finite`,
  )
  await others.close()
})
