// `digit kmeans`: a folder of pictures -> a K-Means codebook that the official code loads.
import { Command } from 'commander'
import { follow } from '../follow.ts'
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

export function kmeansCommand(): Command {
  const command = new Command('kmeans')
    .description("Fit a codebook to the encoder's features of pictures, by the rules of faiss.")
    .argument('<image...>', 'image files or folders, or .npy files of features [points, width]')
    .requiredOption('-k, --k <n>', 'clusters', whole(2, 2 ** 16))
    .addOption(option('--iterations <n>', 'iterations of each restart', whole(1, 10_000), 20))
    .addOption(option('--restarts <n>', 'times to begin anew; the best is kept', whole(1, 1000), 1))
    .addOption(
      option('--max-points <n>', 'points a cluster to train on, drawn at random', whole(1, 2 ** 31), 256),
    )
    .addOption(option('--seed <n>', 'decides crops, points and starts', whole(0, 2 ** 31), 1234))
    .addOption(
      option(
        '--layer <n>',
        'block to take features from, counted from the end (default: of the models, or 3)',
        whole(1, 1000),
      ),
    )
    .addOption(option('--pictures <share>', 'share of the pictures to use', number(0, 1), 1))
    .addOption(option('--patches <share>', "share of each picture's 256 patches to use", number(0, 1), 1))
    .option('--no-augment', 'centre crop in place of random crop and flip')
  return addDeviceOptions(addModelOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], flags: KMeansFlags) => {
      const { k, iterations, restarts, seed, pictures, patches, augment, layer } = flags
      const name = `runs/kmeans-${inputsName(images)}-k${k}-seed${seed}`
      await follow({
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
