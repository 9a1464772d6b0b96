// `digit reference`: a folder of real images -> a reference file that this program and ADM's evaluator read.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { addExtractorOptions, extractorFields, type EvaluateFlags } from './evaluate.ts'
import { follow } from '../follow.ts'
import { option, whole } from '../options.ts'

interface ReferenceFlags extends EvaluateFlags {
  readonly keep: number
}

export function referenceCommand(): Command {
  const command = new Command('reference')
    .description(
      'Compute statistics of real images (.npz: mu, sigma, for Inception also mu_s, sigma_s, and some of the images).',
    )
    .argument('<images>', 'a folder of images, or an ADM batch (.npz)')
    .argument('<out.npz>', 'output file; a .json next to it records how it was made')
  return addExtractorOptions(command)
    .addOption(
      option(
        '--keep <n>',
        'number of images to store for precision and recall',
        whole(0, 10_000_000),
        10_000,
      ),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (images: string, out: string, flags: ReferenceFlags) => {
      await follow({
        kind: 'reference',
        ...(await extractorFields(flags, out)),
        images: resolve(images),
        keep: flags.keep,
      })
    })
}

const EXAMPLES = `
Examples:
  digit reference ILSVRC2012/val imagenet256-val.npz --size 256
  digit reference resources/demo/images demo.npz`
