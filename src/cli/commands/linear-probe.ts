// `digit linear-probe`: trains a linear classifier on every layer of stage 1.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { DEVICES } from '../../shared/models/devices.ts'
import { follow } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { addModelOptions, modelFields, number, option, runName, whole, type DeviceFlags } from '../options.ts'
import { table } from '../table.ts'
import { tell } from '../result.ts'

interface ProbeFlags extends Omit<DeviceFlags, 'batchSize'> {
  readonly validation?: string
  readonly epochs: number
  readonly batch: number
  readonly learningRate: number
  readonly seed: number
}

export function probeCommand(): Command {
  const command = new Command('linear-probe')
    .alias('probe')
    .description('Train a linear classifier on every layer of stage 1 and report top-1 accuracy per layer.')
    .argument('<images>', 'folder of images with one subfolder per class')
    .option(
      '--validation <folder>',
      'the same kind of folder, used for testing (default: every fifth image of each class)',
    )
    .addOption(option('--epochs <n>', 'number of epochs', whole(1, 10_000), 50))
    .addOption(option('--batch <n>', 'images per step', whole(1, 100_000), 256))
    .addOption(
      option('--learning-rate <x>', 'initial learning rate; cosine decay to 0', number(1e-9, 1000), 0.1),
    )
    .addOption(option('--seed <n>', 'seed for the order of the images', whole(0, 2 ** 32 - 1), 0))
  return addModelOptions(command)
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
    .option(
      '--out <folder>',
      'output folder for features and results (default: runs/ and a name derived from the inputs)',
    )
    .addHelpText('after', EXAMPLES)
    .action(probe)
}

const EXAMPLES = `
Examples:
  digit linear-probe resources/demo/images
  digit linear-probe ILSVRC2012/train-50 --validation ILSVRC2012/val-sorted --model ~/DiGIT`

async function probe(images: string, flags: ProbeFlags): Promise<void> {
  const { validation, epochs, batch, learningRate, seed } = flags
  const paths = [images, ...(validation === undefined ? [] : [validation])]
  const fields = modelFields({ ...flags, batchSize: 1 }, `runs/${runName(flags)}-probe-${inputsName(paths)}`)
  await follow({
    kind: 'probe',
    ...fields,
    images: resolve(images),
    ...(validation === undefined ? {} : { validation: resolve(validation) }),
    epochs,
    batch,
    learningRate,
    seed,
  })
  const [heads = '', ...rows] = (await readFile(join(fields.out, 'probe.csv'), 'utf8')).trimEnd().split('\n')
  const percent = (share: string) => `${(100 * Number(share)).toFixed(1)} %`
  const cells = rows.map((row) => row.split(',').map((cell, i) => (i === 0 ? cell : percent(cell))))
  const layers = rows.map((row) =>
    Object.fromEntries(row.split(',').map((cell, i) => [heads.split(',')[i]!, Number(cell)])),
  )
  tell(table(heads.split(','), cells), { layers })
}
