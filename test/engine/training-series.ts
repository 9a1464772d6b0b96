// The demo's stage 1 as fairseq would have saved it epoch by epoch: the less trained, the flatter its distributions.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeTorchFile, type Saved, type TensorToSave } from '../../scripts/bench/torch-file.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { dataAt, openCheckpoint } from '../../src/engine/checkpoint/index.ts'

export interface SavedEpoch {
  readonly epoch: number
  readonly updates: number
  /** What the output rows are multiplied by: 0 draws every token alike, 1 is the demo. */
  readonly sharpness: number
}
const OUTPUT = 'decoder.output_projection.weight'
const STAGE1 = join(demoFolder(), 'outputs/demo_stage1/checkpoints/checkpoint_last.pt')

/** Writes `checkpointE.pt` of each epoch; returns their paths. */
export async function writeTrainingSeries(folder: string, epochs: readonly SavedEpoch[]): Promise<string[]> {
  const weights = await openCheckpoint(STAGE1)
  try {
    const model = dataAt(weights.data, 'cfg.model') as Map<string, Saved>
    const paths: string[] = []
    for (const { epoch, updates, sharpness } of epochs) {
      const tensors = new Map<string, Saved>()
      for (const [name, view] of weights.tensors) {
        const values = Float32Array.from((await view.read()) as Float32Array)
        if (name.endsWith(OUTPUT)) for (let i = 0; i < values.length; i++) values[i]! *= sharpness
        tensors.set(name.replace(/^model\./, ''), tensor(values, view.shape))
      }
      const path = join(folder, `checkpoint${epoch}.pt`)
      await mkdir(dirname(path), { recursive: true })
      await writeTorchFile(path, {
        cfg: { model },
        model: tensors,
        extra_state: { train_iterator: { epoch: epoch + 1, iterations_in_epoch: 0 } },
        optimizer_history: [{ num_updates: updates }],
      })
      paths.push(path)
    }
    return paths
  } finally {
    await weights.close()
  }
}

const tensor = (values: Float32Array, shape: readonly number[]): TensorToSave => ({
  dtype: 'f32',
  shape,
  bytes: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
})
