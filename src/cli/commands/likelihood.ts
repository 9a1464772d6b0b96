// `digit likelihood`: bits per token of the transformers on held-out images.
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readJsonFile } from '../../engine/records/json-file.ts'
import { LIKELIHOOD_RECORD, LikelihoodRecordSchema } from '../../engine/runs/likelihood/likelihood.ts'
import { likelihoodText } from '../../shared/evaluation/likelihood-text.ts'
import { DEVICES } from '../../shared/models/devices.ts'
import { follow } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { addModelOptions, modelFields, runName, type DeviceFlags } from '../options.ts'
import { tell } from '../result.ts'

interface LikelihoodFlags extends Omit<DeviceFlags, 'batchSize'> {
  readonly conditional?: boolean
}

export function likelihoodCommand(): Command {
  const command = new Command('likelihood')
    .description(
      'Measure how well stage 1 predicts the tokens of held-out images, and stage 2 AR their codes: bits per token.',
    )
    .argument('<images>', 'folder of images that no model was trained on; subfolders are classes')
    .option('--conditional', 'give stage 1 the class of each image')
  return addModelOptions(command)
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
    .option('--out <folder>', 'folder for the results (default: runs/ and a name derived from the inputs)')
    .addHelpText('after', EXAMPLES)
    .action(async (images: string, flags: LikelihoodFlags) => {
      const how = flags.conditional ? '-conditional' : ''
      const out = `runs/${runName(flags)}-likelihood${how}-${inputsName([images])}`
      const fields = modelFields({ ...flags, batchSize: 1 }, out)
      await follow({
        kind: 'likelihood',
        ...fields,
        images: resolve(images),
        ...(flags.conditional ? { conditional: true as const } : {}),
      })
      const record = await readJsonFile(join(fields.out, LIKELIHOOD_RECORD), LikelihoodRecordSchema)
      const { stages = {} } = record!
      tell(likelihoodText(stages), { likelihood: record })
    })
}

const EXAMPLES = `
Examples:
  digit likelihood resources/demo/images
  digit likelihood ILSVRC2012/val --model ~/DiGIT --conditional`
