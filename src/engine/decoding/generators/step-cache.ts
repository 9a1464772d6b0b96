// The keys and values of earlier positions, between the runs of a generator's step. On WebGPU, where they stay on the
// device, in one run of positions: a product over none, as with an empty past of two, ends the process there (onnxruntime
// 1.30). Elsewhere in two, so that a step does not copy all of them.
import { graphToOnnx } from '../../graph/index.ts'
import { cacheNames, joinGraph, type CacheSizes } from '../../models/attention.ts'
import type { CausalNetwork } from '../../models/generators/generator.ts'
import { openSession, tensor, type Provider, type Session, type Tensor } from '../../session/index.ts'
import { renameCache, type Tensors } from '../autoregressive.ts'

/** Positions after which fresh keys and values join the past; fixed, because it decides the order of a sum. */
const JOIN_POSITIONS = 32

/** The cache of a batch. */
export interface StepCache {
  /** Inputs of the next step. */
  readonly feeds: Tensors
  /** Takes the keys and values of a step over so many positions from its outputs. */
  add(outputs: Tensors, positions: number): Promise<void>
  /** Frees what is kept on a device. */
  release(): void
}

/** The step of a causal generator, and caches for it. */
export interface CausalStep {
  readonly session: Session
  /** Without positions, for R rows. */
  cache(R: number): StepCache
  close(): Promise<void>
}

export async function openCausalStep(network: CausalNetwork, provider: Provider): Promise<CausalStep> {
  const sizes = network.cache
  if (provider === 'webgpu') {
    const keepOnDevice = cacheNames('present', sizes.layers)
    const session = await openSession(graphToOnnx(network.plainStep()), { provider, keepOnDevice })
    return { session, cache: (R) => oneRun(sizes, R), close: () => session.close() }
  }
  const session = await openSession(graphToOnnx(network.step()), { provider, grows: true })
  const joiner = await openSession(graphToOnnx(joinGraph(sizes)), { provider, grows: true })
  return {
    session,
    cache: (R) => twoRuns(sizes, R, joiner),
    async close() {
      await session.close()
      await joiner.close()
    },
  }
}

/** `past_*` from the `present_*` of the step before. */
export function oneRun(sizes: CacheSizes, R: number): StepCache {
  let past = empty(sizes, R, 'past')
  return {
    get feeds() {
      return past
    },
    add(outputs) {
      release(past)
      past = renameCache(outputs, sizes.layers, 'present', '', 'past')
      return Promise.resolve()
    },
    release: () => release(past),
  }
}

/** `past_*` that is only read, and `fresh_*` that joins it at times. */
function twoRuns(sizes: CacheSizes, R: number, joiner: Session): StepCache {
  let past = empty(sizes, R, 'past')
  let fresh = empty(sizes, R, 'fresh')
  let unjoined = 0
  return {
    get feeds() {
      return { ...past, ...fresh }
    },
    async add(outputs, positions) {
      fresh = renameCache(outputs, sizes.layers, 'fresh', '_out', 'fresh')
      unjoined += positions
      if (unjoined < JOIN_POSITIONS) return
      past = renameCache(await joiner.run({ ...past, ...fresh }), sizes.layers, 'joined', '', 'past')
      fresh = empty(sizes, R, 'fresh')
      unjoined = 0
    },
    release: () => {},
  }
}

const empty = ({ layers, heads, dim }: CacheSizes, R: number, prefix: string): Tensors =>
  Object.fromEntries(
    cacheNames(prefix, layers).map((name) => [
      name,
      tensor('f32', new Float32Array(0), [R, heads, 0, dim / heads]),
    ]),
  )

const release = (tensors: Readonly<Record<string, Tensor>>): void => {
  for (const value of Object.values(tensors)) value.dispose()
}
