// A generator of scales -> codes of all its grids, a pass a grid, with the cache of keys and values of the grids before.
// T = codes of a grid, E = width of a code, V = vocabulary.
import { batchesThatFit, imagesAtOnce } from '../../devices/batches.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { cacheNames } from '../../models/attention.ts'
import type { ScalesNetwork } from '../../models/generators/generator.ts'
import { startsOf } from '../../models/scale-sides.ts'
import { scaleMaps } from '../../models/scales.ts'
import type { ModelTensors } from '../../models/tensors.ts'
import { inferVqganConfig } from '../../models/vqgan-config.ts'
import { openSession, tensor, type Provider, type Session, type Tensor } from '../../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../../tokens/grid.ts'
import { soFar, type DecodeCallbacks } from '../grid-decoder.ts'
import { markPinned } from '../score.ts'
import { guided, put, rowLabels, rowsOf, type GeneratorDecoder, type GeneratorImage } from './decoder.ts'
import { drawToken } from './draw-token.ts'
import type { ScalesRule } from './rules.ts'
import { oneRun } from './step-cache.ts'

interface Sessions {
  readonly step: Session
  /** Codes of the tokenizer -> the maps that the next grid sees. */
  readonly maps: Session
}

export async function openScalesDecoder(
  network: ScalesNetwork,
  file: string,
  vqgan: ModelTensors,
  provider: Provider,
): Promise<GeneratorDecoder<ScalesRule>> {
  const { cache, cells, vocabulary } = network
  const keepOnDevice = cacheNames('present', cache.layers)
  const sessions: Sessions = {
    step: await openSession(graphToOnnx(network.step()), { provider, keepOnDevice, grows: true }),
    maps: await openSession(graphToOnnx(scaleMaps(vqgan, inferVqganConfig(vqgan))), { provider }),
  }
  const T = Math.max(...network.sides) ** 2
  const largest = T * Math.max(cache.heads * cells, vocabulary, 4 * cache.dim)
  const atOnce = Math.max(1, Math.floor(imagesAtOnce(4 * largest) / 2))
  const inBatches = batchesThatFit()
  return {
    draw: (images, rule, callbacks) =>
      inBatches(images.length, atOnce, (from, to) => {
        const onShare = (share: number) => callbacks.onShare((from + (to - from) * share) / images.length)
        return drawBatch(network, file, sessions, images.slice(from, to), rule, { ...callbacks, onShare })
      }),
    async close() {
      for (const session of Object.values(sessions) as Session[]) await session.close()
    },
  }
}

async function drawBatch(
  network: ScalesNetwork,
  file: string,
  { step, maps }: Sessions,
  images: readonly GeneratorImage[],
  { token, guidance }: ScalesRule,
  { signal, onShare, onGrids, turn }: DecodeCallbacks,
): Promise<DrawnGrid[]> {
  const { sides, cells, vocabulary: V, codeWidth: E } = network
  const isGuided = guidance !== undefined
  const labels = rowLabels(images, isGuided).map((label) => network.condition(label))
  const R = labels.length
  const condition = tensor('i64', labels, [R])
  const grids = images.map(() => emptyGrid(cells))
  /** Codes as the tokenizer reads them: none of later grids. */
  const codes = images.map(() => new Int32Array(cells).fill(-1))
  const cache = oneRun(network.cache, R)
  try {
    for (const [scale, start] of startsOf(sides).entries()) {
      signal.throwIfAborted()
      const T = sides[scale]! ** 2
      const seen = await mapsAt(start, T)
      const outputs = await step.run({
        maps: seen,
        start: tensor('i64', [start], []),
        condition,
        ...cache.feeds,
      })
      await cache.add(outputs, T)
      const logits = outputs.logits!.data as Float32Array
      for (const [b, { image, noise, pinned }] of images.entries()) {
        const rows = rowsOf(logits, b, isGuided, T * V)
        for (let at = 0; at < T; at++) {
          const own = guided(rows, at * V, V, guidance?.(scale))
          const drawn = drawToken(own, token, noise.uniform(scale, at), pinned?.[start + at] ?? -1)
          put(file, image, grids[b]!, start + at, drawn)
          codes[b]![start + at] = drawn.token
        }
      }
      onShare((start + T) / cells)
      // The grid that was just drawn: pages see grids grow.
      const latest = grids.map((grid) => ({ ...grid, tokens: grid.tokens.slice(start, start + T) }))
      onGrids?.(
        T,
        soFar(images, latest, () => true),
      )
      await turn?.()
    }
  } finally {
    cache.release()
  }
  return grids.map((grid, b) => markPinned(grid, images[b]!.pinned))

  /** The maps [R, T, E] of a grid, equal for both rows of an image; the first grid reads none. */
  async function mapsAt(start: number, T: number): Promise<Tensor> {
    const rows = new Float32Array(R * T * E)
    if (start > 0) {
      const found = await maps.run({
        codes: tensor(
          'i64',
          codes.flatMap((row) => [...row]),
          [images.length, cells],
        ),
      })
      const all = found.maps!.data as Float32Array
      // Maps of the first grid are missing, so that those of a grid at `start` begin at `start` - 1.
      for (let row = 0; row < R; row++) {
        const from = ((cells - 1) * Math.floor((row * images.length) / R) + start - 1) * E
        rows.set(all.subarray(from, from + T * E), row * T * E)
      }
    }
    return tensor('f32', rows, [R, T, E])
  }
}
