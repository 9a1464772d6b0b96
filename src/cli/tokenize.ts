// `digit tokenize`: images -> discriminative tokens, as .codecs and .npz.
import { Command } from 'commander'
import { follow } from './follow.ts'
import { inputsName, resolveAll } from './inputs.ts'
import { addRunOptions, runFields, runName, type RunFlags } from './options.ts'

export function tokenizeCommand(): Command {
  const command = new Command('tokenize')
    .description('Turn images into discriminative tokens, written as .codecs and .npz.')
    .argument('<image...>', 'image files or folders (one sub-folder a class)')
  return addRunOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], flags: RunFlags) => {
      const out = `runs/${runName(flags)}-tokenize-${inputsName(images)}`
      await follow({ kind: 'tokenize', ...runFields(flags, out), images: resolveAll(images) })
    })
}

const EXAMPLES = `
Examples:
  digit tokenize resources/demo/images
  digit tokenize --model ~/DiGIT ILSVRC2012/val --batch-size 32 --device auto`
