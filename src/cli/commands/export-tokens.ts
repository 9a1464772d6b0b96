// `digit export-tokens`: a token data set -> the text that fairseq reads.
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { exportCodecs, exportGenerateText } from '../../engine/records/token-export.ts'
import { tell } from '../result.ts'

interface ExportFlags {
  readonly tokens: 'discriminative' | 'codes'
  readonly format: 'codecs' | 'generate'
}

export function exportTokensCommand(): Command {
  return new Command('export-tokens')
    .description('Write a token data set as .codecs, or as generate-*.txt with log-probabilities.')
    .argument('<dataset>', 'folder of the token data set')
    .argument('<file>', 'output file')
    .addOption(
      new Option('--tokens <kind>', 'which tokens to write')
        .choices(['discriminative', 'codes'])
        .default('discriminative'),
    )
    .addOption(
      new Option('--format <format>', 'output format').choices(['codecs', 'generate']).default('codecs'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, file: string, { tokens, format }: ExportFlags) => {
      const write = format === 'codecs' ? exportCodecs : exportGenerateText
      const images = await write(resolve(dataset), tokens, resolve(file))
      tell(`wrote the tokens of ${images} images to ${file}`, { images, file: resolve(file) })
    })
}

const EXAMPLES = `
Examples:
  digit export-tokens runs/demo-tokenize-images-1f0c9a val.codecs
  digit export-tokens runs/tokens-demo-seed0-aa01bc generate-val.txt --format generate`
