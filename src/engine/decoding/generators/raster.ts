// A causal generator -> grids, one token after another, with the cache of keys and values between runs of its step.
import { imagesAtOnce, inBatches } from '../../devices/batches.ts'
import { graphToOnnx } from '../../graph/index.ts'
import { cacheNames, joinGraph } from '../../models/attention.ts'
import type { CausalNetwork } from '../../models/generators/generator.ts'
import { openSession, tensor, type Provider, type Session, type Tensor } from '../../session/index.ts'
import { emptyGrid, type DrawnGrid } from '../../tokens/grid.ts'
import { renameCache, type Tensors } from '../autoregressive.ts'
import { soFar, type DecodeCallbacks } from '../grid-decoder.ts'
import { markPinned } from '../score.ts'
import { guided, put, rowLabels, rowsOf, type GeneratorDecoder, type GeneratorImage } from './decoder.ts'
import { drawToken } from './draw-token.ts'
import type { RasterRule } from './rules.ts'

/** Positions after which fresh keys and values join the past; fixed, because it decides the order of a sum. */
const JOIN_POSITIONS = 32
/** Tokens between two reports. */
const REPORT_TOKENS = 16

export async function openRasterDecoder(
  network: CausalNetwork,
  file: string,
  provider: Provider,
): Promise<GeneratorDecoder<RasterRule>> {
  const { layers } = network.cache
  const keep = (prefix: string, suffix: string) =>
    provider === 'webgpu' ? { keepOnDevice: cacheNames(prefix, layers).map((name) => name + suffix) } : {}
  const step = await openSession(graphToOnnx(network.step()), { provider, ...keep('fresh', '_out') })
  const joiner = await openSession(graphToOnnx(joinGraph(network.cache)), { provider, ...keep('joined', '') })
  const { cells, cache } = network
  return {
    async draw(images, rule, callbacks) {
      // Keys and values of all positions of a row, in one layer.
      const atOnce = Math.max(1, Math.floor(imagesAtOnce(4 * (cells + 2) * cache.dim) / 2))
      return inBatches(images.length, atOnce, (from, to) => {
        const onShare = (share: number) => callbacks.onShare((from + (to - from) * share) / images.length)
        return drawBatch(network, file, step, joiner, images.slice(from, to), rule, { ...callbacks, onShare })
      })
    },
    async close() {
      await step.close()
      await joiner.close()
    },
  }
}

async function drawBatch(
  network: CausalNetwork,
  file: string,
  step: Session,
  joiner: Session,
  images: readonly GeneratorImage[],
  { token, guidance }: RasterRule,
  { signal, onShare, onGrids, turn }: DecodeCallbacks,
): Promise<DrawnGrid[]> {
  const { cells, cache, vocabulary, conditioned } = network
  const isGuided = guidance !== undefined
  const starts = rowLabels(images, isGuided).map((label) => network.start(label))
  const R = starts.length
  const idsOf = (rows: readonly (readonly number[])[]) => tensor('i64', rows.flat(), [R, rows[0]!.length])
  const condition = conditioned
    ? {
        condition: tensor(
          'i64',
          starts.map((row) => row.at(-1)!),
          [R],
        ),
      }
    : {}
  const empty = (prefix: string): Tensors =>
    Object.fromEntries(
      cacheNames(prefix, cache.layers).map((name) => [
        name,
        tensor('f32', new Float32Array(0), [R, cache.heads, 0, cache.dim / cache.heads]),
      ]),
    )
  const grids = images.map(() => emptyGrid(cells))
  let past = empty('past')
  let fresh = empty('fresh')
  let ids = idsOf(starts)
  let start = 0
  let unjoined = 0
  for (let at = 0; at < cells; at++) {
    signal.throwIfAborted()
    const outputs = await step.run({
      ids,
      start: tensor('i64', [start], []),
      ...condition,
      ...past,
      ...fresh,
    })
    release(fresh)
    fresh = renameCache(outputs, cache.layers, 'fresh', '_out', 'fresh')
    const logits = outputs.logits!.data as Float32Array
    for (const [b, { image, noise, pinned }] of images.entries()) {
      const own = guided(rowsOf(logits, b, isGuided, vocabulary), 0, vocabulary, guidance?.(at))
      put(file, image, grids[b]!, at, drawToken(own, token, noise.uniform(at, 0), pinned?.[at] ?? -1))
    }
    start += ids.dims[1]!
    unjoined += ids.dims[1]!
    if (unjoined >= JOIN_POSITIONS) {
      const joined = await joiner.run({ ...past, ...fresh })
      release(past)
      release(fresh)
      past = renameCache(joined, cache.layers, 'joined', '', 'past')
      fresh = empty('fresh')
      unjoined = 0
    }
    ids = idsOf(grids.flatMap(({ tokens }) => (isGuided ? [[tokens[at]!], [tokens[at]!]] : [[tokens[at]!]])))
    if ((at + 1) % REPORT_TOKENS !== 0 && at + 1 < cells) continue
    onShare((at + 1) / cells)
    onGrids?.(
      at + 1,
      soFar(images, grids, (i, cell) => cell <= at || (images[i]!.pinned?.[cell] ?? -1) >= 0),
    )
    await turn?.()
  }
  release(past)
  release(fresh)
  return grids.map((grid, b) => markPinned(grid, images[b]!.pinned))
}

/** Frees what is kept on a device. */
const release = (tensors: Readonly<Record<string, Tensor>>): void => {
  for (const value of Object.values(tensors)) value.dispose()
}
