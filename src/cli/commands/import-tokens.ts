// `digit import-tokens`: tokens from other programs or runs -> a token data set.
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { follow } from '../follow.ts'
import { inputsName } from '../inputs.ts'

interface ImportFlags {
  readonly tokens: 'discriminative' | 'codes'
  readonly out?: string
}

export function importTokensCommand(): Command {
  return new Command('import-tokens')
    .description(
      "Create a token data set from fairseq's .codecs or generate-*.txt, or from the images of a run.",
    )
    .argument('<source>', 'token file or run folder')
    .addOption(
      new Option('--tokens <kind>', 'kind of tokens in the file')
        .choices(['discriminative', 'codes'])
        .default('discriminative'),
    )
    .option('--out <folder>', 'output folder (default: runs/tokens-SOURCE)')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, { tokens, out }: ImportFlags) => {
      await follow({
        kind: 'import-tokens',
        source: resolve(source),
        tokens,
        out: resolve(out ?? `runs/tokens-${inputsName([source])}`),
      })
    })
}

const EXAMPLES = `
Examples:
  digit import-tokens results/generate-val.txt
  digit import-tokens stage2.codecs --tokens codes
  digit import-tokens runs/demo-seed0`
