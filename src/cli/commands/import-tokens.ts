// `digit import-tokens`: tokens from other programs or runs -> a token data set.
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import type { ImportTokensSpec } from '../../shared/run/run.ts'
import { GRID_NAMES, type GridName } from '../../shared/grid/layout.ts'
import { follow, type Start } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { addModelOptions, modelPath, modelsOf, type ModelFlags } from '../options.ts'
import { addTokenizerOptions, tokenizerName, tokenizerOf, type TokenizerFlags } from '../tokenizers.ts'

interface ImportFlags extends ModelFlags, TokenizerFlags {
  readonly tokens?: GridName
  readonly out?: string
}

export function importTokensCommand(start: Start = follow): Command {
  const command = new Command('import-tokens')
    .description(
      "Create a token data set from fairseq's .codecs or generate-*.txt, or from the images of a run.",
    )
    .argument('<source>', 'token file or run folder')
    .addOption(
      new Option(
        '--tokens <kind>',
        'kind of tokens in the file (default: discriminative; with --tokenizer, codes)',
      ).choices(GRID_NAMES),
    )
    .option('--out <folder>', 'output folder (default: runs/tokens-SOURCE)')
  return addTokenizerOptions(addModelOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, flags: ImportFlags) => {
      const tokenizer = await fileTokenizer(flags)
      await start({
        kind: 'import-tokens',
        source: resolve(source),
        tokens: flags.tokens ?? (tokenizer ? 'codes' : 'discriminative'),
        ...(tokenizer ? { tokenizer } : {}),
        out: resolve(flags.out ?? `runs/tokens-${inputsName([source])}${tokenizerName(flags)}`),
      })
    })
}

/** The tokenizer of the flags with its models, which are scanned only if the flags ask for one. */
async function fileTokenizer(flags: ImportFlags): Promise<ImportTokensSpec['tokenizer']> {
  const { model, tokenizer, side, use } = flags
  if ([model, tokenizer, side, use].every((flag) => flag === undefined)) return undefined
  const found = tokenizerOf(flags, await modelsOf(flags), ['vqgan'])
  return (
    found && { ...found, model: resolve(modelPath(flags)), ...(use === undefined ? {} : { choose: use }) }
  )
}

const EXAMPLES = `
Examples:
  digit import-tokens results/generate-val.txt
  digit import-tokens stage2.codecs --tokens codes
  digit import-tokens codes.codecs --model ~/VAR --tokenizer var
  digit import-tokens runs/demo-seed0`
