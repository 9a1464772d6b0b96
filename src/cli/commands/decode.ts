// `digit decode`: a .codecs file -> images.
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { GRID_NAMES, type GridName } from '../../shared/grid/layout.ts'
import type { DecodeSpec } from '../../shared/run/run.ts'
import { follow, type Start } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import {
  addRunOptions,
  addStage2Options,
  modelsOf,
  option,
  runFields,
  runName,
  stage2Fields,
  whole,
  type RunFlags,
  type Stage2Flags,
} from '../options.ts'
import { addTokenizerOptions, tokenizerName, tokenizerOf, type TokenizerFlags } from '../tokenizers.ts'

interface DecodeFlags extends RunFlags, Stage2Flags, TokenizerFlags {
  readonly tokens?: DecodeSpec['tokens']
  readonly first?: number
}

export function decodeCommand(start: Start = follow): Command {
  const command = new Command('decode')
    .description('Decode a .codecs file (the tokens of an image per line) to images.')
    .argument('<file.codecs>', 'file written by fairseq-generate or `digit tokenize`')
    .addOption(
      new Option(
        '--tokens <kind>',
        'kind of tokens in the file; codes skip stage 2 (default: discriminative; with --tokenizer, codes)',
      )
        .choices(GRID_NAMES)
        .argParser(gridName),
    )
    .addOption(
      option(
        '--first <n>',
        'image number of the first line; the random numbers depend on it (default: 0)',
        whole(0, 9_999_999),
      ),
    )
  return addTokenizerOptions(addStage2Options(addRunOptions(command)))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: DecodeFlags) => {
      const modelSet = await modelsOf(flags)
      const tokenizer = tokenizerOf(flags, modelSet, ['vqgan', 'stage2Ar', 'stage2Nar'])
      const out = `runs/${runName(flags)}-decode-${inputsName([file])}${tokenizerName(flags)}-seed${flags.seed}${flags.first ? `-first${flags.first}` : ''}`
      await start({
        kind: 'decode',
        ...runFields(flags, out),
        ...stage2Fields(flags, modelSet),
        codecs: resolve(file),
        tokens: flags.tokens ?? (tokenizer ? 'codes' : 'discriminative'),
        ...(tokenizer ? { tokenizer } : {}),
        ...(flags.first ? { first: flags.first } : {}),
      })
    })
}

/** `vq` is what codes were called in 0.1. */
function gridName(text: string): GridName {
  const found = GRID_NAMES.find((name) => name === (text === 'vq' ? 'codes' : text))
  if (!found) throw new InvalidArgumentError(`Allowed choices are ${GRID_NAMES.join(', ')}.`)
  return found
}

const EXAMPLES = `
Examples:
  digit decode generate-val.codecs --model ~/DiGIT
  digit decode stage2.codecs --tokens codes
  digit decode codes.codecs --model ~/RAR --tokenizer rar`
