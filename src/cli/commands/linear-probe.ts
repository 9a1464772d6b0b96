// `digit linear-probe`: trains a linear classifier on every layer of stage 1.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readJsonFile } from '../../engine/records/json-file.ts'
import { PROBE_RECORD, ProbeRecordSchema } from '../../engine/runs/linear-probe/linear-probe.ts'
import { PROBE_RECIPES, type ProbeRecipe } from '../../shared/evaluation/linear-probe.ts'
import { probeMethodsAndWorks } from '../../shared/figures/paper/probe-methods.ts'
import { DEVICES } from '../../shared/models/devices.ts'
import { follow } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { addModelOptions, modelFields, number, option, runName, whole, type DeviceFlags } from '../options.ts'
import { table } from '../table.ts'
import { tell } from '../result.ts'

interface ProbeFlags extends Omit<DeviceFlags, 'batchSize'> {
  readonly validation?: string
  readonly recipe: ProbeRecipe
  readonly epochs?: number
  readonly updates?: number
  readonly batch?: number
  readonly learningRate?: number
  readonly seed: number
  readonly methods?: true
}

const { ours, release } = PROBE_RECIPES

export function probeCommand(): Command {
  const command = new Command('linear-probe')
    .alias('probe')
    .description('Train a linear classifier on every layer of stage 1 and report top-1 accuracy per layer.')
    .argument('<images>', 'folder of images with one subfolder per class')
    .option(
      '--validation <folder>',
      'the same kind of folder, used for testing (default: every fifth image of each class)',
    )
    .addOption(
      new Option('--recipe <name>', 'how classifiers are trained: quickly, or as in the DiGIT release')
        .choices(Object.keys(PROBE_RECIPES))
        .default('ours'),
    )
    .addOption(option('--epochs <n>', `length of our recipe (default: ${ours.epochs})`, whole(1, 10_000)))
    .addOption(
      option(
        '--updates <n>',
        `length of the release's recipe (default: ${release.updates})`,
        whole(1, 10_000_000),
      ),
    )
    .addOption(
      option(
        '--batch <n>',
        `images per update (default: ${ours.batch}; release: ${release.batch})`,
        whole(1, 100_000),
      ),
    )
    .addOption(
      option(
        '--learning-rate <x>',
        `initial learning rate; cosine decay to 0 (default: ${ours.learningRate}; release: ${release.learningRate})`,
        number(1e-9, 1000),
      ),
    )
    .addOption(
      option('--seed <n>', 'seed for the order of the images, and their crops', whole(0, 2 ** 32 - 1), 0),
    )
    .option('--methods', 'print what a methods section says about it, with BibTeX')
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
  digit linear-probe ILSVRC2012/train-50 --validation ILSVRC2012/val-sorted --model ~/DiGIT
  digit linear-probe ILSVRC2012/train --validation ILSVRC2012/val-sorted --model ~/DiGIT --recipe release`

async function probe(images: string, flags: ProbeFlags): Promise<void> {
  const { validation, recipe, epochs, updates, seed } = flags
  const { batch, learningRate } = { ...PROBE_RECIPES[recipe], ...definedOf(flags) }
  const paths = [images, ...(validation === undefined ? [] : [validation])]
  const fields = modelFields({ ...flags, batchSize: 1 }, `runs/${runName(flags)}-probe-${inputsName(paths)}`)
  await follow({
    kind: 'probe',
    ...fields,
    images: resolve(images),
    ...(validation === undefined ? {} : { validation: resolve(validation) }),
    recipe,
    ...(epochs === undefined ? {} : { epochs }),
    ...(updates === undefined ? {} : { updates }),
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
  const probe = (await readJsonFile(join(fields.out, PROBE_RECORD), ProbeRecordSchema))!
  const { stage1 } = probe.recipe as { readonly stage1: string }
  const methods = flags.methods
    ? probeMethodsAndWorks({ ...probe, stage1, layers: probe.layers ?? [] })
    : undefined
  const text = table(heads.split(','), cells)
  const { training } = probe
  tell(methods ?? text, { layers, training, ...(methods === undefined ? {} : { methods }) })
}

const definedOf = ({ batch, learningRate }: ProbeFlags) => ({
  ...(batch === undefined ? {} : { batch }),
  ...(learningRate === undefined ? {} : { learningRate }),
})
