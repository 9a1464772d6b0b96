// Graphs -> `.onnx` files whose weights are in one `.data` file a model, copied from the checkpoints as they are.
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { fileProblem, openFile, writeFileAtomic } from '../../bytes/index.ts'
import { graphToOnnx, type Graph } from '../../graph/index.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { foreignOps, standardGraph } from './standard.ts'

/** A network to write. */
export interface GraphForExport {
  /** File name without `.onnx`. */
  readonly name: string
  /** Name of the file of weights without `.data`; networks of one model share theirs. */
  readonly data: string
  readonly graph: Graph
  readonly about: string
}

/** Offsets are multiples of a page, so that onnxruntime maps weights instead of reading them. */
const PAGE = 4096
const CHUNK_BYTES = 2 ** 23

/** A range of a checkpoint, and where it goes. */
interface Range {
  readonly path: string
  readonly offset: number
  readonly length: number
  readonly to: number
}

/** Writes networks; rejects with the signal's reason when it is aborted, and leaves no half file. */
export async function writeNetworks(
  networks: readonly GraphForExport[],
  out: string,
  { signal, progress }: Pick<RunCallbacks, 'signal' | 'progress'>,
): Promise<void> {
  const packs = new Map<string, Pack>()
  const packed = networks.map((network) => {
    const pack = packs.get(network.data) ?? new Pack(join(out, `${network.data}.data`))
    packs.set(network.data, pack)
    return { ...network, graph: pack.add(standardGraph(network.graph)) }
  })
  const total = [...packs.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const pack of packs.values())
    await pack.write((bytes) => {
      signal.throwIfAborted()
      progress((done += bytes), total, pack.path)
    })
  for (const { name, graph } of packed)
    await writeFileAtomic(
      join(out, `${name}.onnx`),
      graphToOnnx(graph, { standard: foreignOps(graph).length === 0 }).bytes,
    )
}

/** The weights of one model, each once. */
class Pack {
  readonly #ranges = new Map<string, Range>()
  #end = 0

  constructor(readonly path: string) {}

  /** Bytes of all weights, without those between them. */
  get bytes(): number {
    return [...this.#ranges.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** The graph with its weights in this file. */
  add(graph: Graph): Graph {
    const initializers = graph.initializers.map((initializer) => {
      const { data } = initializer
      if (data.kind !== 'file') return initializer
      return { ...initializer, data: { ...data, path: this.path, offset: this.#placeOf(data) } }
    })
    return { ...graph, initializers }
  }

  #placeOf({ path, offset, length }: Omit<Range, 'to'>): number {
    const key = `${path}\0${offset}\0${length}`
    const known = this.#ranges.get(key)
    if (known) return known.to
    const to = this.#end
    this.#ranges.set(key, { path, offset, length, to })
    this.#end = Math.ceil((to + length) / PAGE) * PAGE
    return to
  }

  async write(onBytes: (bytes: number) => void): Promise<void> {
    if (this.#ranges.size === 0) return
    const partial = `${this.path}.partial`
    const file = await open(partial, 'w').catch((error: Error) => {
      throw new RequestError(`${this.path}: cannot be written (${fileProblem(error)})`, { cause: error })
    })
    try {
      for (const { path, offset, length, to } of this.#ranges.values()) {
        const source = await openFile(path)
        try {
          for (let at = 0; at < length; at += CHUNK_BYTES) {
            const end = Math.min(length, at + CHUNK_BYTES)
            await file.write(await source.read(offset + at, offset + end), 0, end - at, to + at)
            onBytes(end - at)
          }
        } finally {
          await source.close()
        }
      }
      await file.sync()
      await file.close()
      await rename(partial, this.path)
    } catch (error) {
      await file.close().catch(() => {})
      await rm(partial, { force: true })
      throw error
    }
  }
}
