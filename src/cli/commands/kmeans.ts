// `digit kmeans`: a folder of pictures -> a K-Means codebook that the official code loads.
import { Command } from 'commander'
import { follow, type Start } from '../follow.ts'
import { inputsName, resolveAll } from '../inputs.ts'
import {
  addDeviceOptions,
  addModelOptions,
  modelFields,
  number,
  option,
  whole,
  type DeviceFlags,
} from '../options.ts'

interface KMeansFlags extends DeviceFlags {
  readonly k: number
  readonly iterations: number
  readonly restarts: number
  readonly maxPoints: number
  readonly seed: number
  readonly layer?: number
  readonly pictures: number
  readonly patches: number
  readonly augment: boolean
}

export function kmeansCommand(start: Start = follow): Command {
  const command = new Command('kmeans')
    .description("Fit a K-Means codebook to the encoder's features of pictures, following faiss.")
    .argument('<image...>', 'image files or folders, or .npy files of features [points, width]')
    .requiredOption('-k, --k <n>', 'clusters', whole(2, 2 ** 16))
    .addOption(option('--iterations <n>', 'iterations per restart', whole(1, 10_000), 20))
    .addOption(option('--restarts <n>', 'number of restarts; the best result is kept', whole(1, 1000), 1))
    .addOption(
      option('--max-points <n>', 'training points per cluster, sampled at random', whole(1, 2 ** 31), 256),
    )
    .addOption(
      option('--seed <n>', 'seed for crops, sampled points and initial centroids', whole(0, 2 ** 31), 1234),
    )
    .addOption(
      option(
        '--layer <n>',
        "encoder block to take features from, counted from the end (default: the models' own setting, or 3)",
        whole(1, 1000),
      ),
    )
    .addOption(option('--pictures <share>', 'fraction of the pictures to use', number(0, 1), 1))
    .addOption(option('--patches <share>', "fraction of each picture's 256 patches to use", number(0, 1), 1))
    .option('--no-augment', 'use a center crop instead of random crop and flip')
  return addDeviceOptions(addModelOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], flags: KMeansFlags) => {
      const { k, iterations, restarts, seed, pictures, patches, augment, layer } = flags
      const name = `runs/kmeans-${inputsName(images)}-k${k}-seed${seed}`
      await start({
        kind: 'kmeans',
        ...modelFields(flags, name),
        batchSize: flags.batchSize,
        images: resolveAll(images),
        k,
        iterations,
        restarts,
        maxPointsPerCentroid: flags.maxPoints,
        seed,
        ...(layer === undefined ? {} : { layer }),
        pictures,
        patches,
        augment,
      })
    })
}

const EXAMPLES = `
Examples:
  digit kmeans resources/demo/images -k 256
  digit kmeans --model ~/DiGIT ILSVRC2012/train -k 8192 --pictures 0.1 --patches 0.25
  digit kmeans runs/kmeans-train-1f0c9a-k8192-seed1234/features/*.npy -k 4096 --restarts 5`
