// Training pictures -> linear classifiers as the DiGIT release trains them: every update reads its pictures again, each as
// another random part, through encoder and stage 1. Source: config/stage1/dino_base_linearprobe_sgd.yaml,
// scripts/train_stage1_linearprobe.sh, fairseq_user/dataset.py (`randresizedcrop`) and model_linearprobe.py.
//   OUT/classifiers.npy   f64: finished updates, then weight, bias and their momentum of every layer
// The crops are those of torchvision with other random numbers, and the mean gradient is that of all pictures at once.
import { join } from 'node:path'
import { encodeNpy, openFile, readNpy, writeFileAtomic } from '../../bytes/index.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { CROP_DRAWS, decodeImage, randomResizedCrop } from '../../images/index.ts'
import {
  checkFinite,
  cosineRate,
  probeTrainer,
  type LinearProbe,
  type ProbeTrainer,
} from '../../metrics/linear-probe.ts'
import { matrix, randomState, type Work } from '../../metrics/index.ts'
import type { Provider } from '../../session/index.ts'
import { uniform } from '../../tokens/random.ts'
import { IMAGES_AT_ONCE, openLayerMeans, probedSides, type ProbedModels } from './layer-features.ts'

/** Standard deviation of the first weights. */
const FIRST_WEIGHTS = 0.01
const SAVE_EVERY_MS = 300_000
const SEEDS = 2 ** 32

export interface ReleasePlan {
  readonly pictures: readonly string[]
  readonly labels: readonly number[]
  readonly classes: number
  readonly training: {
    readonly updates: number
    readonly batch: number
    readonly learningRate: number
    readonly seed: number
  }
  readonly momentum: number
  /** Folder of the saved classifiers. */
  readonly out: string
  /** The saved ones are of this training. */
  readonly resumes: boolean
}

/** One classifier for each layer but the last, on features as they are. */
export async function trainAsReleased(
  { pictures, labels, classes, training, momentum, out, resumes }: ReleasePlan,
  models: ProbedModels,
  provider: Provider,
  work: Work,
  { signal, progress, turn }: Pick<RunCallbacks, 'signal' | 'progress' | 'turn'>,
): Promise<LinearProbe[]> {
  const { updates, batch, learningRate, seed } = training
  const { layers, dim } = models.stage1.config
  const path = join(out, 'classifiers.npy')
  const trainers = Array.from({ length: layers }, (_, layer) =>
    probeTrainer(firstProbe(seed, layer, classes, dim)),
  )
  let done = resumes ? await restored(path, trainers) : 0
  const save = () => writeFileAtomic(path, encodeNpy({ data: savedState(done, trainers) }))
  const perEpoch = Math.ceil(pictures.length / batch)
  const { resize } = probedSides(models.encoder)
  const means = await openLayerMeans(models, resize, provider)
  try {
    let saved = performance.now()
    for (; done < updates; done++) {
      progress(done, updates, `update ${done + 1} of ${updates}`)
      const epoch = Math.floor(done / perEpoch)
      const from = (done % perEpoch) * batch
      const order = randomState((seed + epoch) % SEEDS).permutation(pictures.length)
      const chosen = [...order.subarray(from, from + batch)]
      const rows = trainers.map(() => matrix(chosen.length, dim))
      for (let at = 0; at < chosen.length; at += IMAGES_AT_ONCE) {
        await turn?.()
        signal.throwIfAborted()
        const numbers = chosen.slice(at, at + IMAGES_AT_ONCE)
        const crops = numbers.map(async (number) => {
          const draw = (position: number) => uniform(seed, number, 'probeCrop', epoch * CROP_DRAWS + position)
          return randomResizedCrop(await decodeImage(pictures[number]!), resize, draw)
        })
        const names = numbers.map((number) => pictures[number]!)
        const values = await means.of(await Promise.all(crops), names)
        numbers.forEach((_, i) => {
          const own = i * (layers + 1) * dim
          rows.forEach(({ data }, layer) =>
            data.set(values.subarray(own + layer * dim, own + (layer + 1) * dim), (at + i) * dim),
          )
        })
      }
      const own = chosen.map((number) => labels[number]!)
      const how = { momentum, rate: cosineRate(learningRate, done, updates) }
      for (const [layer, trainer] of trainers.entries()) await trainer.step(rows[layer]!, own, how, work)
      if (performance.now() - saved > SAVE_EVERY_MS) {
        // Of the updates that are finished, this one included.
        await writeFileAtomic(path, encodeNpy({ data: savedState(done + 1, trainers) }))
        saved = performance.now()
      }
    }
  } finally {
    await means.close()
    await save()
  }
  for (const { probe } of trainers) checkFinite(probe, learningRate)
  return trainers.map(({ probe }) => probe)
}

/** Weights from a normal distribution, bias 0; features are used as they are. */
function firstProbe(seed: number, layer: number, classes: number, dim: number): LinearProbe {
  const weight = matrix(classes, dim)
  const draw = (position: number) => uniform(seed, layer, 'probeWeights', position)
  for (let at = 0; at < weight.data.length; at++)
    // Box and Muller; 1 - u is above 0.
    weight.data[at] =
      FIRST_WEIGHTS * Math.sqrt(-2 * Math.log(1 - draw(2 * at))) * Math.cos(2 * Math.PI * draw(2 * at + 1))
  const mean = new Float64Array(dim)
  return { weight, bias: new Float64Array(classes), mean, deviation: mean.map(() => 1) }
}

const arraysOf = ({ probe, speed }: ProbeTrainer): Float64Array[] => [
  probe.weight.data,
  probe.bias,
  speed.weight,
  speed.bias,
]

function savedState(done: number, trainers: readonly ProbeTrainer[]): Float64Array {
  const arrays = trainers.flatMap(arraysOf)
  const out = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 1))
  out[0] = done
  let at = 1
  for (const array of arrays) {
    out.set(array, at)
    at += array.length
  }
  return out
}

/** Number of finished updates; 0 where nothing fitting was saved. */
async function restored(path: string, trainers: readonly ProbeTrainer[]): Promise<number> {
  const source = await openFile(path).catch(() => undefined)
  if (!source) return 0
  try {
    const data = (await readNpy(source)).data as Float64Array
    const arrays = trainers.flatMap(arraysOf)
    if (data.length !== arrays.reduce((sum, { length }) => sum + length, 1)) return 0
    let at = 1
    for (const array of arrays) {
      array.set(data.subarray(at, at + array.length))
      at += array.length
    }
    return Number(data[0])
  } finally {
    await source.close()
  }
}
