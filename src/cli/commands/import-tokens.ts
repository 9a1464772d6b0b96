// `digit import-tokens`: tokens made elsewhere -> a token data set.
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
    .description("Make a token data set of fairseq's .codecs or generate-*.txt, or of the images of a run.")
    .argument('<source>', 'a file, or a run folder')
    .addOption(
      new Option('--tokens <kind>', "what a file's tokens are")
        .choices(['discriminative', 'codes'])
        .default('discriminative'),
    )
    .option('--out <folder>', 'folder of the data set (default: runs/tokens- and the name of the source)')
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
