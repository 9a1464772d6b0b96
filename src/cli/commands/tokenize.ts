// `digit tokenize`: images -> a token data set.
import { Command } from 'commander'
import { follow, type Start } from '../follow.ts'
import { inputsName, resolveAll } from '../inputs.ts'
import { addRunOptions, modelsOf, runFields, runName, type RunFlags } from '../options.ts'
import { addTokenizerOptions, tokenizerName, tokenizerOf, type TokenizerFlags } from '../tokenizers.ts'

interface TokenizeFlags extends RunFlags, TokenizerFlags {
  readonly codes: boolean
}

export function tokenizeCommand(start: Start = follow): Command {
  const command = new Command('tokenize')
    .description('Encode images to tokens, written as Parquet files and .codecs.')
    .argument('<image...>', 'image files or folders (one subfolder per class)')
    .option('--no-codes', 'skip the VQGAN codes')
  return addTokenizerOptions(addRunOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (images: string[], flags: TokenizeFlags) => {
      const tokenizer = tokenizerOf(flags, await modelsOf(flags), ['encoder', 'codebook'])
      const out = `runs/${runName(flags)}-tokenize-${inputsName(images)}${tokenizerName(flags)}`
      await start({
        kind: 'tokenize',
        ...runFields(flags, out),
        images: resolveAll(images),
        codes: flags.codes,
        ...(tokenizer ? { tokenizer } : {}),
      })
    })
}

const EXAMPLES = `
Examples:
  digit tokenize resources/demo/images
  digit tokenize --model ~/DiGIT ILSVRC2012/val --batch-size 32 --device auto
  digit tokenize --model ~/RAR --tokenizer rar ILSVRC2012/val`
