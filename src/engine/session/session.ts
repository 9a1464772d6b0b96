// ONNX model bytes -> a session that runs on one device; the only importer of onnxruntime-node.
import { availableParallelism } from 'node:os'
import './no-telemetry.ts'
import * as ort from 'onnxruntime-node'
import { RequestError } from '../../shared/errors.ts'
import { usingModels } from '../../shared/models/models-in-use.ts'

export type Tensor = ort.Tensor
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml'

/** A serialised model; weight files are relative to `folder`. */
export interface Model {
  readonly bytes: Uint8Array
  readonly folder: string | undefined
}

export interface SessionOptions {
  readonly provider: Provider
  /** Of the cards of CUDA or DirectML. @default DIGIT_CARD, which the process of a card has, else 0 */
  readonly card?: number
  /** Threads inside one operator. @default DIGIT_THREADS, else onnxruntime's choice, the physical cores */
  readonly threads?: number
  /** Outputs that stay on the GPU between runs, on WebGPU, which alone can. @default none */
  readonly keepOnDevice?: readonly string[]
  /** Packed copies of the weights for faster matrix products; off keeps them in the mapped file. @default true */
  readonly prepack?: boolean
  /** What it returns grows from run to run, as keys and values do: memory of a run seldom fits the next. @default false */
  readonly grows?: boolean
  /** Writes a Chrome trace of every operator to a file of its own with this path prefix, when the session is closed. */
  readonly profile?: string
  /** Called after each run. */
  readonly onRun?: (cost: RunCost) => void
}

/** What a run took, and what of it a GPU would wait for. */
export interface RunCost {
  /** Inside onnxruntime. */
  readonly milliseconds: number
  /** Inputs and outputs, except what stays on the device. */
  readonly busBytes: number
  /** 1 if the processor waited for an output, else 0. */
  readonly waits: number
}

/**
 * Largest single allocation that works in every host. Electron's allocator rounds aligned blocks up to a power of two
 * and kills the process for 2 GiB, which leaves 1 GiB.
 */
export const MAX_ALLOCATION_BYTES = 2 ** 30 - 2 ** 16

export interface Session {
  readonly provider: Provider
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Runs the graph. Blocks the thread of this process until the outputs are ready. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>
  close(): Promise<void>
}

const TYPES = {
  f64: 'float64',
  f32: 'float32',
  f16: 'float16',
  i64: 'int64',
  i32: 'int32',
  u8: 'uint8',
  bool: 'bool',
} as const

type Values = Float64Array | Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array

/** Wraps values (not copied) as an input. Integers given as plain numbers become int64. */
export function tensor(
  type: keyof typeof TYPES,
  values: Values | readonly number[],
  dims: readonly number[],
): Tensor {
  const data = !Array.isArray(values)
    ? (values as Values)
    : type === 'i64'
      ? BigInt64Array.from(values, BigInt)
      : Float32Array.from(values)
  if (data.byteLength > MAX_ALLOCATION_BYTES)
    throw new RequestError(
      `tensor too large (${data.byteLength} bytes, maximum ${MAX_ALLOCATION_BYTES} per allocation)`,
    )
  return new ort.Tensor(TYPES[type], data as Float32Array, dims)
}

/** DIGIT_THREADS. Without it, a network without a given number of threads uses every core. */
function asked(): number | undefined {
  const threads = Number(process.env.DIGIT_THREADS)
  return Number.isInteger(threads) && threads > 0 ? threads : undefined
}

/** DIGIT_CARD, where a card has its own process. */
const ownCard = (): number => Number(process.env.DIGIT_CARD ?? 0)

/** Threads of a network on the processor. */
export const processorThreads = (): number => asked() ?? availableParallelism()

/** Opens a model. Rejects with the message of onnxruntime if the provider or the model cannot be used. */
export async function openSession(model: Model, options: SessionOptions): Promise<Session> {
  const { provider, profile, onRun } = options
  const session = await usingModels(() => createSession(model, options))
  return {
    provider,
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds) {
      const begun = performance.now()
      const outputs = (await usingModels(() => session.run(feeds))) as Record<string, Tensor>
      onRun?.({ milliseconds: performance.now() - begun, ...crossed(feeds, outputs, options.keepOnDevice) })
      return outputs
    },
    async close() {
      if (profile !== undefined) session.endProfiling()
      await session.release()
    },
  }
}

/**
 * Outputs that were to stay on the device, also where the provider has none: counted on the processor, a run costs what it
 * would on a card.
 */
const stayed = new WeakSet<Tensor>()

function crossed(
  feeds: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  keepOnDevice: readonly string[] = [],
): Pick<RunCost, 'busBytes' | 'waits'> {
  for (const name of keepOnDevice) if (outputs[name]) stayed.add(outputs[name])
  const cross = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.values(tensors).filter((value) => !stayed.has(value) && value.location === 'cpu')
  const back = cross(outputs)
  const bytes = [...cross(feeds), ...back].map(({ data }) => (data as Float32Array).byteLength)
  return { busBytes: bytes.reduce((sum, length) => sum + length, 0), waits: back.length > 0 ? 1 : 0 }
}

/**
 * Whether operators use each other's memory, which is then kept until the session is closed. Without it, every large
 * activation is new pages of the operating system: a quarter of the time of masked decoding. Electron's allocator has no
 * room for the blocks that it asks for, see MAX_ALLOCATION_BYTES.
 */
const reusesMemory = ({ provider, grows = false }: SessionOptions) =>
  provider === 'cpu' && !grows && process.versions.electron === undefined

/** Sessions profiled so far. onnxruntime ends a profile's name with the second, and two of one second shared a file. */
let profiles = 0

function createSession(model: Model, options: SessionOptions): Promise<ort.InferenceSession> {
  const {
    provider,
    card = ownCard(),
    threads = asked(),
    keepOnDevice = [],
    prepack = true,
    profile,
  } = options
  return ort.InferenceSession.create(model.bytes, {
    executionProviders: provider === 'cpu' ? ['cpu'] : [onCard(provider, card), 'cpu'],
    graphOptimizationLevel: 'all',
    enableCpuMemArena: reusesMemory(options),
    // Asks for all activations in one block.
    enableMemPattern: false,
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: `${profile}-${++profiles}` }),
    ...(keepOnDevice.length === 0 || provider !== 'webgpu'
      ? {}
      : {
          preferredOutputLocation: Object.fromEntries(
            keepOnDevice.map((name) => [name, 'gpu-buffer' as const]),
          ),
        }),
    extra: {
      session: {
        ...(model.folder === undefined ? {} : { model_external_initializers_file_folder_path: model.folder }),
        ...(prepack ? {} : { disable_prepacking: '1' }),
      },
    },
  })
}

/** Only these two have a choice of cards. */
const onCard = (provider: Exclude<Provider, 'cpu'>, card: number) =>
  provider === 'cuda' || provider === 'dml' ? { name: provider, deviceId: card } : provider

/** Version of onnxruntime, for records. */
export const runtimeVersion = (): string => ort.env.versions.node ?? ort.env.versions.common
