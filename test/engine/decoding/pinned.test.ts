// Pinned tokens: they stay, what is drawn around them is the same on every path, and the model's opinion is recorded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { openChunkDecoder, type Sequence } from '../../../src/engine/decoding/autoregressive.ts'
import type { GridDecoder, ImageStream } from '../../../src/engine/decoding/grid-decoder.ts'
import {
  openModels,
  type OpenModels,
  type OpenTransformer,
} from '../../../src/engine/model-set/open-models.ts'
import { openGridDecoder } from '../../../src/engine/decoding/open-decoder.ts'
import { openDeviceDecoder } from '../../../src/engine/decoding/device-decoder.ts'
import { openRereadDecoder } from '../../../src/engine/decoding/reread-decoder.ts'
import { openReferenceDecoder } from '../../../src/engine/decoding/step-decoder.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import type { DrawnGrid } from '../../../src/engine/tokens/grid.ts'
import { gridOfSide } from '../../../src/shared/grid/shape.ts'
import { OFFICIAL, runGraph, values } from '../models/run-graph.ts'
import { pins, semanticTokens } from './official.ts'

const SAMPLING = { temperature: 1.2, topK: 0, topP: 0.9 }
const DRAWING = { sampling: SAMPLING, masked: { steps: 6, choiceTemperature: 4.5 } }
const cpu = { provider: 'cpu', threads: 1 } as const
const callbacks = { signal: new AbortController().signal, onShare: () => {} }

let models: OpenModels
let semantic: number[]
beforeAll(async () => {
  models = await openModels([OFFICIAL])
  semantic = await semanticTokens()
})
afterAll(() => models.close())

const pinnedOf = (grid: DrawnGrid, pinned: readonly number[]) =>
  Array.from(grid.tokens).filter((_, i) => pinned[i]! >= 0)

describe.each([0, 37])('%i pinned tokens at the start and others in between', (front) => {
  test.each([1, 3])(
    'Loop, chunks that read again, steps and the float64 reference draw the same, batch of %i',
    async (batch) => {
      const opened = await models.open('stage1')
      // 144 cells: three chunks of the longest.
      const model = { ...opened, config: { ...opened.config, grid: gridOfSide(12) } }
      const pinnedIn = (image: number) => pins(model.config.vocabulary, image, front, model.config.grid.cells)
      const sequences = Array.from({ length: batch }, (_, image): Sequence => ({
        prefix: [2],
        seed: 7,
        image,
        use: 'stage1',
        pinned: pinnedIn(image),
      }))
      const [loop, ...others] = await Promise.all(
        [openChunkDecoder, openRereadDecoder, openDeviceDecoder, openReferenceDecoder].map(async (open) => {
          const decoder = await open(model, cpu)
          const grids = await decoder.decode(sequences, { sampling: SAMPLING })
          await decoder.close()
          return grids
        }),
      )
      for (const [i, grid] of loop!.entries()) {
        const pinned = pinnedIn(i)
        expect(pinnedOf(grid, pinned)).toEqual(pinned.filter((token) => token >= 0))
        for (const grids of others) {
          expect(grids[i]!.tokens).toEqual(grid.tokens)
          expect(grids[i]!.ranks).toEqual(grid.ranks)
          grids[i]!.logProbabilities.forEach((value, t) =>
            expect(value).toBeCloseTo(grid.logProbabilities[t]!, 4),
          )
        }
      }
    },
  )
})

/** The stages, and the ids of a sequence whose last 256 positions predict the tokens. */
const kinds = {
  async stage1() {
    const model = await models.open('stage1')
    const stage = await openGridDecoder(model, 'cpu', 32)
    return { model, stage, start: undefined, seen: (tokens: number[]) => [2, ...ids(tokens)] }
  },
  async stage2Ar() {
    const model = await models.open('stage2Ar')
    const stage = await openGridDecoder(model, 'cpu', 32)
    return {
      model,
      stage,
      start: semantic,
      seen: (tokens: number[]) => [...prefix(model), 2, ...ids(tokens)],
    }
  },
  async stage2Nar() {
    const model = await models.open('stage2Nar')
    const stage = await openGridDecoder(model, 'cpu', 32)
    const masked = new Array<number>(256).fill(3)
    return { model, stage, start: semantic, seen: () => [...prefix(model), 2, ...masked] }
  },
}
const ids = (tokens: number[]) => tokens.slice(0, -1).map((token) => token + 5)
const prefix = ({ config }: OpenTransformer) => semantic.map((token) => token + 5 + config.vocabulary + 5)

describe.each(Object.entries(kinds))('%s', (name, open) => {
  let model: OpenTransformer
  let stage: GridDecoder
  let start: number[] | undefined
  let seen: (tokens: number[]) => number[]
  beforeAll(async () => void ({ model, stage, start, seen } = await open()))
  afterAll(() => stage.close())

  const draw = (images: readonly ImageStream[]) =>
    stage.draw(
      images,
      images.map(() => start),
      DRAWING,
      callbacks,
    )

  test('an image is the same alone and in a batch with other pinned tokens', async () => {
    const images = [0, 12, 12, 256].map((front, image) => ({
      seed: 5,
      image,
      pinned: pins(model.config.vocabulary, image, front),
    }))
    const together = await draw(images)
    for (const [i, image] of images.entries()) expect((await draw([image]))[0]).toEqual(together[i])
    together.forEach((grid, i) => {
      const { pinned } = images[i]!
      expect(pinnedOf(grid, pinned)).toEqual(pinned.filter((token) => token >= 0))
      expect(Array.from(grid.pinned!)).toEqual(pinned.map((token) => (token >= 0 ? 1 : 0)))
    })
  })

  test('pinned tokens are recorded with the probabilities of the model, to 1e-4', async () => {
    const pinned = pins(model.config.vocabulary, 1, 20)
    const [grid] = await draw([{ seed: 5, image: 1, pinned }])
    const { logits } = await runGraph(sequenceGraph(model), {
      ids: tensor('i64', seen(Array.from(grid!.tokens)), [1, seen(Array.from(grid!.tokens)).length]),
    })
    const V = model.config.vocabulary + 5
    const all = values(logits).slice(-256 * V)
    pinned.forEach((token, cell) => {
      if (token < 0) return
      const row = all.slice(cell * V, (cell + 1) * V).map((logit) => logit / SAMPLING.temperature)
      const scores = name === 'stage2Nar' ? row.slice(5) : row
      const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0))
      expect(grid!.logProbabilities[cell]).toBeCloseTo(row[token + 5]! - total, 4)
      const entropy = scores.reduce((sum, score) => sum - Math.exp(score - total) * (score - total), 0)
      expect(grid!.entropies[cell]).toBeCloseTo(entropy, 4)
      const likelier = (by: number) => row.slice(5).filter((score) => score > row[token + 5]! + by).length
      // Neighbours within rounding may change places.
      expect(grid!.ranks[cell]).toBeGreaterThanOrEqual(likelier(1e-4))
      expect(grid!.ranks[cell]).toBeLessThanOrEqual(likelier(-1e-4))
    })
  })

  test('an empty grid of pins draws the same as no pins, to the last bit', async () => {
    const [plain] = await draw([{ seed: 5, image: 1 }])
    const [spelt] = await draw([{ seed: 5, image: 1, pinned: new Array<number>(256).fill(-1) }])
    expect(spelt).toEqual(plain)
    expect(plain).not.toHaveProperty('pinned')
  })

  test('images with the same random numbers are identical', async () => {
    const [first, second] = await draw([
      { seed: 5, image: 0 },
      { seed: 5, image: 1, noise: 0 },
    ])
    expect(second).toEqual(first)
  })

  if (name !== 'stage2Nar')
    test('a fully pinned grid has the log-probabilities it was drawn with, to 1e-4', async () => {
      const [drawn] = await draw([{ seed: 5, image: 2 }])
      const [pinned] = await draw([{ seed: 6, image: 9, pinned: Array.from(drawn!.tokens) }])
      expect(pinned!.tokens).toEqual(drawn!.tokens)
      pinned!.logProbabilities.forEach((value, t) =>
        expect(value).toBeCloseTo(drawn!.logProbabilities[t]!, 4),
      )
      pinned!.entropies.forEach((value, t) => expect(value).toBeCloseTo(drawn!.entropies[t]!, 4))
    })
  else
    test('the schedule counts only positions that are not pinned', async () => {
      const pinned = pins(model.config.vocabulary, 3, 200)
      const open = pinned.filter((token) => token < 0).length
      const [grid] = await draw([{ seed: 5, image: 3, pinned }])
      const settled = Array.from(
        { length: 6 },
        (_, step) => grid!.steps!.filter((at, i) => pinned[i]! < 0 && at === step).length,
      )
      let masked = open
      const expected = settled.map((_, step) => {
        const before = masked
        masked =
          step === 5
            ? 0
            : Math.max(1, Math.min(masked - 1, Math.floor(open * Math.cos((Math.PI * (step + 1)) / 12))))
        return before - masked
      })
      expect(settled).toEqual(expected)
    })
})
