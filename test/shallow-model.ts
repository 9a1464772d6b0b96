// A checkpoint with its first layers only, to the bit: sampling with it takes the same way in less time.
import { readFileSync } from 'node:fs'
import { openCheckpoint } from '../src/engine/checkpoint/index.ts'
import { fairseqOf, torchFile, type MadeTensor, type Tree } from './torch-file.ts'

/** torch's classes of the elements in use. */
const STORAGES: Readonly<Record<string, string>> = {
  f16: 'HalfStorage',
  f32: 'FloatStorage',
  i64: 'LongStorage',
}

const MODEL = 'model.'

/** The first `layers` of a transformer of fairseq, in its layout. */
export async function shallowTransformer(path: string, layers: number): Promise<Uint8Array> {
  const { config } = await fairseqOf(path)
  return torchFile({
    cfg: { model: { ...config, decoder_layers: layers } },
    model: await firstLayers(path, layers),
  })
}

async function firstLayers(path: string, layers: number): Promise<Tree> {
  const bytes = readFileSync(path)
  const weights = await openCheckpoint(path)
  try {
    const kept = [...weights.tensors.values()].filter(
      ({ name }) => name.startsWith(MODEL) && Number(/\.layers\.(\d+)\./.exec(name)?.[1] ?? 0) < layers,
    )
    return Object.fromEntries(
      kept.map(({ name, shape, dtype, offset, contiguous }): [string, MadeTensor] => {
        const storage = STORAGES[dtype]
        if (!storage || !contiguous) throw new Error(`${path}: ${name} is ${dtype}, or not in C order`)
        const size = shape.reduce((a, b) => a * b, 1) * { f16: 2, f32: 4, i64: 8 }[dtype as 'f16']
        return [name.slice(MODEL.length), { shape, values: bytes.subarray(offset, offset + size), storage }]
      }),
    )
  } finally {
    await weights.close()
  }
}
