// Decoding: the original code's greedy grids, and the same tokens whatever the path, batch, chunk or order.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openChunkDecoder, type Decoder } from '../../../src/engine/decoding/autoregressive.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { openMaskedDecoder } from '../../../src/engine/decoding/masked.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openReferenceDecoder } from '../../../src/engine/decoding/step-decoder.ts'
import { sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { OFFICIAL, runGraph, values } from '../models/run-graph.ts'
import {
  GREEDY,
  greedyStarts,
  greedyTokens,
  roles,
  semanticTokens,
  sequences,
  type GreedyRole,
} from './official.ts'

const TOP_K = { temperature: 1, topK: 20, topP: 0 }
const TOP_P = { temperature: 1.2, topK: 0, topP: 0.9 }
const cpu = { provider: 'cpu', threads: 1 } as const

let models: OpenModels
let semantic: number[]
let start: (role: GreedyRole) => Promise<number[]>
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  semantic = await semanticTokens()
  start = await greedyStarts(models)
})
afterAll(() => models.close())

describe('greedy grids match the original code', () => {
  const paths = [
    ['Loop', openChunkDecoder],
    ['chunks that read again', openRereadDecoder],
    ['steps for a device', openDeviceDecoder],
    ['reference', openReferenceDecoder],
  ] as const
  describe.each(paths)('through %s', (_, open) => {
    // Batches to the middle of a second chunk: the draws below are of whole grids in a batch.
    test.each(roles)('%s, one image whole, batches of 3 and 8 to token 96', async (role) => {
      const decoder = await open(await models.open(role), cpu)
      const whole = await greedyTokens(role)
      for (const [batch, length] of [
        [1, whole.length],
        [3, 96],
        [8, 96],
      ] as const) {
        const images = Array.from({ length: batch }, (_, i) => i)
        const options = { sampling: GREEDY, length }
        const grids = await decoder.decode(sequences(await start(role), images), options)
        const expected = whole.slice(0, length)
        for (const { tokens } of grids) expect(Array.from(tokens)).toEqual(expected)
      }
      await decoder.close()
    })
  })
})

describe('an image and its record are identical to the last bit', () => {
  const images = [0, 1, 2, 3, 4]
  const decodeWith = async (decoder: Decoder, prefix: number[], of: number[], sampling: typeof TOP_K) => {
    const grids = await decoder.decode(sequences(prefix, of), { sampling })
    return new Map(of.map((image, i) => [image, grids[i]!]))
  }

  test.each([
    ['stage1', TOP_K],
    ['stage1', TOP_P],
    ['stage2Ar', TOP_P],
  ] as const)('%s: alone, in any batch and order, in chunks of any size', async (role, sampling) => {
    const model = await models.open(role)
    const prefix = await start(role)
    const decoder = await openChunkDecoder(model, cpu)
    const together = await decodeWith(decoder, prefix, images, sampling)
    const alone = await decodeWith(decoder, prefix, [3], sampling)
    const shuffled = await decodeWith(decoder, prefix, [4, 0, 3], sampling)
    await decoder.close()
    expect(alone.get(3)).toEqual(together.get(3))
    for (const image of [4, 0, 3]) expect(shuffled.get(image)).toEqual(together.get(image))
    expect(together.get(0)!.tokens).not.toEqual(together.get(1)!.tokens)
    for (const chunk of [1, 7, 32]) {
      const chunked = await openChunkDecoder(model, cpu, chunk)
      expect((await decodeWith(chunked, prefix, [3], sampling)).get(3)).toEqual(together.get(3))
      await chunked.close()
    }
  })

  test('chunks that read again: alone, in any batch, and with a last chunk of one step', async () => {
    const model = await models.open('stage1Class')
    const [prefix, decoder] = [await start('stage1Class'), await openRereadDecoder(model, cpu)]
    const together = await decodeWith(decoder, prefix, images, TOP_P)
    expect((await decodeWith(decoder, prefix, [3], TOP_P)).get(3)).toEqual(together.get(3))
    const [whole] = await decoder.decode(sequences(prefix, [3]), { sampling: TOP_P, length: 65 })
    expect(whole!.tokens).toEqual(together.get(3)!.tokens.slice(0, 65))
    const pinned = Array.from(together.get(3)!.tokens, (token, at) => (at < 191 || at === 200 ? token : -1))
    const [given] = sequences(prefix, [3])
    const [again] = await decoder.decode([{ ...given!, pinned }], { sampling: TOP_P })
    expect(again!.tokens).toEqual(together.get(3)!.tokens)
    await decoder.close()
  })

  test('another seed gives another grid', async () => {
    const decoder = await openChunkDecoder(await models.open('stage1'), cpu)
    const [a, b] = await decoder.decode(
      [7, 8].map((seed) => ({ prefix: [2], seed, image: 0, use: 'stage1' as const })),
      { sampling: TOP_K },
    )
    expect(a!.tokens).not.toEqual(b!.tokens)
    await decoder.close()
  })
})

test('Loop, chunks that read again, steps and the float64 reference draw the same tokens', async () => {
  const model = await models.open('stage1')
  for (const sampling of [TOP_K, TOP_P]) {
    const grids = []
    for (const open of [openChunkDecoder, openRereadDecoder, openDeviceDecoder, openReferenceDecoder]) {
      const decoder = await open(model, cpu)
      grids.push(await decoder.decode(sequences([2], [0, 1]), { sampling }))
      await decoder.close()
    }
    const [loop, ...others] = grids
    for (const [i, grid] of loop!.entries())
      for (const other of others.map((grids) => grids[i]!)) {
        expect(other.tokens).toEqual(grid.tokens)
        expect(other.ranks).toEqual(grid.ranks)
        other.logProbabilities.forEach((value, t) => expect(value).toBeCloseTo(grid.logProbabilities[t]!, 4))
        other.entropies.forEach((value, t) => expect(value).toBeCloseTo(grid.entropies[t]!, 4))
      }
  }
})

test('an aborted signal stops between chunks', async () => {
  const decoder = await openChunkDecoder(await models.open('stage1'), cpu)
  const abort = new AbortController()
  let done = 0
  const decoding = decoder.decode(sequences([2], [0]), {
    sampling: TOP_K,
    signal: abort.signal,
    onTokens(tokens) {
      done = tokens
      if (tokens >= 40) abort.abort(new Error('enough'))
    },
  })
  await expect(decoding).rejects.toThrow('enough')
  expect(done).toBeLessThan(80)
  await decoder.close()
})

describe('masked decoding', () => {
  const decoding = { steps: 8, choiceTemperature: 4.5 }
  const sampling = { temperature: 1, topK: 0, topP: 0 }

  test('fills every position, in each step as many as scheduled, with the same result alone and in a batch', async () => {
    const model = await models.open('stage2Nar')
    const prefix = semantic.map((token) => token + 5 + model.config.vocabulary + 5)
    const decoder = await openMaskedDecoder(model, cpu)
    const images = [0, 1, 2].map((image) => ({ prefix, seed: 3, image }))
    const grids = await decoder.decode(images, { sampling, decoding })
    const [alone] = await decoder.decode([images[1]!], { sampling, decoding })
    await decoder.close()
    expect(alone).toEqual(grids[1])
    expect(grids[0]!.tokens).not.toEqual(grids[1]!.tokens)
    const settled = Array.from(
      { length: 8 },
      (_, step) => grids[0]!.steps!.filter((at) => at === step).length,
    )
    expect(settled).toEqual([5, 15, 24, 31, 39, 45, 48, 49])
    expect(grids[0]!.tokens.every((token) => token >= 0 && token < model.config.vocabulary)).toBe(true)
  })

  test('one greedy step draws the most likely token of the whole-sequence graph at every position', async () => {
    const model = await models.open('stage2Nar')
    const prefix = semantic.map((token) => token + 5 + model.config.vocabulary + 5)
    const ids = [...prefix, 2, ...new Array<number>(256).fill(3)]
    const { logits } = await runGraph(sequenceGraph(model), { ids: tensor('i64', ids, [1, 513]) })
    const V = model.config.vocabulary + 5
    const all = values(logits)
    const likeliest = Array.from({ length: 256 }, (_, i) => {
      const tokens = all.slice((257 + i) * V + 5, (258 + i) * V)
      return tokens.indexOf(Math.max(...tokens))
    })
    const decoder = await openMaskedDecoder(model, cpu)
    const [grid] = await decoder.decode([{ prefix, seed: 0, image: 0 }], {
      sampling: GREEDY,
      decoding: { steps: 1, choiceTemperature: 0 },
    })
    await decoder.close()
    expect(Array.from(grid!.tokens)).toEqual(likeliest)
    expect(grid!.ranks.every((rank) => rank === 0)).toBe(true)
    expect(grid!.steps!.every((step) => step === 0)).toBe(true)
  })
})
