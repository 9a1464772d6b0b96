// A masked generator -> grids: all open positions at once, the least certain masked again, in a few steps.
import { gridOfCells } from '../../../shared/grid/shape.ts'
import { batchesThatFit, imagesAtOnce } from '../../devices/batches.ts'
import { graphToOnnx } from '../../graph/index.ts'
import type { MaskedNetwork } from '../../models/generators/generator.ts'
import { openSession, tensor, type Provider, type Session } from '../../session/index.ts'
import { haltonPlaces } from '../../tokens/halton.ts'
import { emptyGrid, type DrawnGrid } from '../../tokens/grid.ts'
import { soFar, type DecodeCallbacks } from '../grid-decoder.ts'
import { markPinned } from '../score.ts'
import { guided, put, rowLabels, rowsOf, type GeneratorDecoder, type GeneratorImage } from './decoder.ts'
import { drawToken } from './draw-token.ts'
import type { MaskedRule } from './rules.ts'

export async function openMaskedGenerator(
  network: MaskedNetwork,
  file: string,
  provider: Provider,
): Promise<GeneratorDecoder<MaskedRule>> {
  const session = await openSession(graphToOnnx(network.step()), { provider })
  const T = network.cells + 1
  // Scores of 16 heads, or the logits.
  const atOnce = Math.max(1, Math.floor(imagesAtOnce(4 * T * Math.max(16 * T, network.columns)) / 2))
  const inBatches = batchesThatFit()
  return {
    draw: (images, rule, callbacks) =>
      inBatches(images.length, atOnce, (from, to) => {
        const onShare = (share: number) => callbacks.onShare((from + (to - from) * share) / images.length)
        return drawBatch(network, file, session, images.slice(from, to), rule, { ...callbacks, onShare })
      }),
    close: () => session.close(),
  }
}

/** An image while it is drawn: `ids` as the network reads them, with its mask id also where that was drawn. */
interface Open {
  readonly ids: Int32Array
  readonly grid: DrawnGrid
  /** Positions that are still masked, which is not the same as the mask id. */
  open: number[]
}

async function drawBatch(
  network: MaskedNetwork,
  file: string,
  session: Session,
  images: readonly GeneratorImage[],
  rule: MaskedRule,
  { signal, onShare, onGrids, turn }: DecodeCallbacks,
): Promise<DrawnGrid[]> {
  const { cells, columns, mask, vocabulary } = network
  const { guidance, token, steps } = rule
  const isGuided = guidance !== undefined
  const places = rule.halton ? haltonPlaces(gridOfCells(cells).side) : undefined
  const labels = rowLabels(images, isGuided)
  const rowsPerImage = isGuided ? 2 : 1
  const pass = async (grids: readonly Int32Array[]): Promise<Float32Array> => {
    const ids = labels.flatMap((label, row) => network.ids(grids[Math.floor(row / rowsPerImage)]!, label))
    const { logits } = await session.run({
      ids: tensor('i64', ids, [labels.length, ids.length / labels.length]),
    })
    return logits!.data as Float32Array
  }
  const states = images.map(({ pinned }): Open => {
    const given = Int32Array.from({ length: cells }, (_, at) => pinned?.[at] ?? -1)
    return {
      ids: given.map((token) => (token >= 0 ? token : mask)),
      grid: {
        ...emptyGrid(cells),
        tokens: given.map((token) => Math.max(0, token)),
        steps: new Int32Array(cells),
      },
      open: [...given.keys()].filter((at) => given[at]! < 0),
    }
  })
  const logitsOf = (logits: Float32Array, b: number, at: number, step: number) =>
    guided(rowsOf(logits, b, isGuided, cells * columns), at * columns, columns, guidance?.(step))

  await scorePinned()
  for (let step = 0; step < steps && states.some(({ open }) => open.length > 0); step++) {
    signal.throwIfAborted()
    const logits = await pass(states.map(({ ids }) => ids))
    for (const [b, state] of states.entries()) {
      const { image, noise } = images[b]!
      const confidence = new Map<number, number>()
      for (const at of state.open) {
        const drawn = drawToken(logitsOf(logits, b, at, step), token, noise.uniform(step, at))
        put(file, image, state.grid, at, drawn)
        state.ids[at] = drawn.token
        state.grid.steps![at] = step
        confidence.set(
          at,
          Math.fround(drawn.logProbability) + Math.fround(rule.noise(step) * noise.gumbel(step, at)),
        )
      }
      const sorted = [...state.open].sort((a, b) =>
        places ? places[b]! - places[a]! : confidence.get(a)! - confidence.get(b)! || a - b,
      )
      state.open = sorted.slice(0, rule.openAfter(step, sorted.length))
      for (const at of state.open) state.ids[at] = mask
    }
    onShare((step + 1) / steps)
    onGrids?.(
      cells,
      soFar(
        images,
        states.map(({ grid }) => grid),
        (i, at) => !states[i]!.open.includes(at),
      ),
    )
    await turn?.()
  }
  return states.map(({ grid }, b) => {
    // Where the mask itself was drawn, the picture has the last code.
    const tokens = grid.tokens.map((token) => Math.min(token, vocabulary - 1))
    return markPinned({ ...grid, tokens }, images[b]!.pinned)
  })

  /** What the network gives pinned tokens when it sees no token at all, since it predicts none that it sees. */
  async function scorePinned(): Promise<void> {
    if (states.every(({ open }) => open.length === cells)) return
    const logits = await pass(states.map(() => new Int32Array(cells).fill(mask)))
    for (const [b, { pinned, image }] of images.entries())
      for (let at = 0; at < cells; at++)
        if ((pinned?.[at] ?? -1) >= 0)
          put(file, image, states[b]!.grid, at, drawToken(logitsOf(logits, b, at, 0), token, 0, pinned![at]))
  }
}
