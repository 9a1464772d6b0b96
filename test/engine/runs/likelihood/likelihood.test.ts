// Bits per token: the scores against the logits of the official code, and the summary of pictures of the demo.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTokenScorer } from '../../../../src/engine/decoding/likelihood.ts'
import { openModels, type OpenModels } from '../../../../src/engine/model-set/open-models.ts'
import {
  LikelihoodRecordSchema,
  runLikelihood,
  type LikelihoodRecord,
} from '../../../../src/engine/runs/likelihood/likelihood.ts'
import { summarize } from '../../../../src/engine/runs/likelihood/summarize.ts'
import { parseJson } from '../../../../src/shared/plain-json.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO, maxDifference, OFFICIAL, reference } from '../../models/run-graph.ts'

const { signal } = new AbortController()
const grids = async (name: string): Promise<Int32Array[]> => {
  const all = Int32Array.from(await reference(name))
  return [0, 1].map((i) => all.slice(i * 256, (i + 1) * 256))
}

describe('tokens under the models of the official code', () => {
  let models: OpenModels
  beforeAll(async () => void (models = await openModels([OFFICIAL])))
  afterAll(() => models.close())

  test.each([
    ['stage1', 'stage1_logits', 'sem_tokens'],
    ['stage1Class', 'stage1_cls_logits', 'sem_tokens'],
    ['stage2Ar', 'stage2_logits', 'vq_tokens'],
  ] as const)('%s gives each the log-softmax of the logits of PyTorch', async (role, name, tokens) => {
    const model = await models.open(role)
    const truth = await grids(tokens)
    const classes = Array.from(await reference('cls_ids'))
    const starts = role === 'stage2Ar' ? await grids('sem_tokens') : role === 'stage1' ? [] : classes
    const scorer = openTokenScorer(model, 'cpu')
    const found = await scorer.score(starts, truth, signal)
    await scorer.close()
    const logits = await reference(name)
    const V = model.config.vocabulary + 5
    for (const [i, grid] of truth.entries()) {
      // Row t of the 257 predicts token t.
      const expected = Array.from(grid, (token, t) => {
        const row = logits.subarray((i * 257 + t) * V, (i * 257 + t + 1) * V)
        const largest = Math.max(...row)
        const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0)
        return row[token + 5]! - largest - Math.log(sum)
      })
      // float32 on both sides.
      expect(maxDifference(found[i]!, expected)).toBeLessThan(2e-5)
    }
  })
})

test('the summary has means in bits, an error over images, and means by place and class', () => {
  const bits = [
    [1, 2],
    [3, 6],
    [5, 7],
  ]
  const values = Float32Array.from(bits.flat(), (value) => -value * Math.LN2)
  const found = summarize(values, 2, 1024, [0, 2, 2], ['a', 'b', 'c'])
  expect(found.bits).toBeCloseTo(4, 6)
  // Images: 1.5, 4.5, 6; sample deviation sqrt(5.25), over sqrt(3).
  expect(found.error).toBeCloseTo(Math.sqrt(5.25 / 3), 6)
  expect(found.uniform).toBe(10)
  expect(found.places.map((value) => Number(value.toFixed(4)))).toEqual([3, 5])
  expect(found.classes.map(({ class: label, name, n }) => [label, name, n])).toEqual([
    [0, 'a', 1],
    [2, 'c', 2],
  ])
  expect(found.classes[1]!.bits).toBeCloseTo(5.25, 6)
  expect(() => summarize(Float32Array.of(0, NaN), 2, 4, undefined, [])).toThrow(
    'image 0, cell 1: log-probability is NaN',
  )
})

describe('pictures of the demo', () => {
  const folder = temporaryFolder()
  const real = join(folder.path, 'real')
  const out = join(folder.path, 'out')
  const spec = { kind: 'likelihood', model: DEMO, device: 'cpu', out, images: real } as const
  const result = () =>
    LikelihoodRecordSchema.parse(parseJson(readFileSync(join(out, 'likelihood.json'), 'utf8')))
  let first: LikelihoodRecord
  beforeAll(async () => {
    for (const name of readdirSync(join(DEMO, 'images')).sort().slice(0, 2)) {
      mkdirSync(join(real, name), { recursive: true })
      for (const file of readdirSync(join(DEMO, 'images', name))
        .sort()
        .slice(0, 3))
        cpSync(join(DEMO, 'images', name, file), join(real, name, file))
    }
    await runLikelihood(spec, { signal, progress: () => {} })
    first = result()
  })

  test('have fewer bits per token than a uniform guess, in both stages', () => {
    const { stage1, stage2 } = first.stages!
    for (const stage of [stage1!, stage2!]) {
      expect(stage.bits).toBeGreaterThan(0)
      expect(stage.bits).toBeLessThan(stage.uniform)
      expect(stage.places).toHaveLength(256)
      expect(stage.classes.map(({ n }) => n)).toEqual([3, 3])
    }
  })

  test('are resumed after a stop, with the same result', async () => {
    const stop = new AbortController()
    const again = { ...spec, out: join(folder.path, 'again') }
    const stopped = runLikelihood(again, {
      signal: stop.signal,
      progress: (done) => done > 0 && stop.abort(new Error('stop')),
    })
    await expect(stopped).rejects.toThrow('stop')
    const notes: number[] = []
    await runLikelihood(again, {
      signal,
      progress: (done, _of, note) => note === 'scoring tokens' && notes.push(done),
    })
    expect(notes[0]).toBe(4)
    const { stages } = LikelihoodRecordSchema.parse(
      parseJson(readFileSync(join(again.out, 'likelihood.json'), 'utf8')),
    )
    expect(stages).toEqual(first.stages)
  })
})
