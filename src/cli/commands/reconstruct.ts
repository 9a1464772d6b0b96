// `digit reconstruct`: images -> discriminative tokens -> images again.
import { Command } from 'commander'
import { follow, type Start } from '../follow.ts'
import { inputsName, resolveAll } from '../inputs.ts'
import {
  addRunOptions,
  addStage2Options,
  modelsOf,
  runFields,
  runName,
  stage2Fields,
  type RunFlags,
  type Stage2Flags,
} from '../options.ts'
import { addTokenizerOptions, tokenizerName, tokenizerOf, type TokenizerFlags } from '../tokenizers.ts'

interface ReconstructFlags extends RunFlags, Stage2Flags, TokenizerFlags {
  readonly vqganOnly?: boolean
}

export function reconstructCommand(start: Start = follow): Command {
  const command = new Command('reconstruct')
    .description(
      'Encode images to discriminative tokens, or the codes of a tokenizer, and decode them again, shown next to the originals.',
    )
    .argument('<image...>', 'image files or folders')
  return addTokenizerOptions(addStage2Options(addRunOptions(command)))
    .option(
      '--vqgan-only',
      'encode to VQGAN codes and decode them, without discriminative tokens and stage 2',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], flags: ReconstructFlags) => {
      const modelSet = await modelsOf(flags)
      const stage2 = stage2Fields(flags, modelSet)
      const tokenizer = tokenizerOf(flags, modelSet, ['vqgan', 'encoder', 'codebook'])
      const how = tokenizer
        ? `tokenizer${tokenizerName(flags)}`
        : flags.vqganOnly
          ? 'vqgan'
          : `seed${flags.seed}-${stage2.stage2}`
      const out = `runs/${runName(flags)}-reconstruct-${inputsName(images)}-${how}`
      await start({
        kind: 'reconstruct',
        ...runFields(flags, out),
        ...stage2,
        ...(flags.vqganOnly ? { vqganOnly: true as const } : {}),
        ...(tokenizer ? { tokenizer } : {}),
        images: resolveAll(images),
      })
    })
}

const EXAMPLES = `
Examples:
  digit reconstruct cat.jpg dog.png
  digit reconstruct resources/demo/images/5-micah --stage2 nar --steps 12
  digit reconstruct resources/demo/images/5-micah --vqgan-only
  digit reconstruct ILSVRC2012/val --model ~/RAR --tokenizer rar`
