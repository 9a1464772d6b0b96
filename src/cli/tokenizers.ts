// `--tokenizer`, for commands that use the tokenizer of another generator alone.
import { basename, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { FAMILY_NAMES } from '../shared/generators/families.ts'
import type { ModelFile, ModelRole, ModelSet } from '../shared/models/models.ts'
import type { TokenizerSpec } from '../shared/run/run.ts'
import { option, whole } from './options.ts'
import { UsageError } from './outcome.ts'

const DIGIT = 'digit'

export interface TokenizerFlags {
  readonly tokenizer?: string
  readonly side?: number
}

export const addTokenizerOptions = (command: Command): Command =>
  command
    .option(
      '--tokenizer <name>',
      `codes of another generator's tokenizer: ${FAMILY_NAMES.join(', ')}, or its file (default: ${DIGIT} if the models have it)`,
    )
    .addOption(option('--side <n>', 'with --tokenizer: cells along a side (default: 16)', whole(1, 64)))

/**
 * The tokenizer of the flags; undefined for DiGIT.
 * @param ofDigit roles of which DiGIT needs one
 */
export function tokenizerOf(
  { tokenizer: asked, side }: TokenizerFlags,
  { files, set, damaged = {} }: ModelSet,
  ofDigit: readonly ModelRole[],
): TokenizerSpec | undefined {
  const name = asked === undefined ? onlyTokenizer() : asked === DIGIT ? undefined : nameOf(asked)
  if (name !== undefined) return { name, ...(side === undefined ? {} : { side }) }
  if (side !== undefined) throw new UsageError('--side: only with --tokenizer')
  return undefined

  /** The id of the only one, if there is no DiGIT. */
  function onlyTokenizer(): string | undefined {
    const hasDigit = ofDigit.some((role) => (set[role] ?? damaged[role]) !== undefined)
    const [only, ...others] = files.filter(isTokenizer)
    return hasDigit || others.length > 0 ? undefined : only?.id
  }
}

/** Part of the name of a run folder. */
export const tokenizerName = ({ tokenizer, side }: TokenizerFlags): string =>
  [tokenizer === undefined ? '' : `-${basename(tokenizer, extname(tokenizer))}`, side ?? ''].join('')

const isTokenizer = ({ kind, problem }: ModelFile) =>
  (kind === 'tokenizer' || kind === 'vqgan') && problem === undefined
const nameOf = (asked: string) =>
  (FAMILY_NAMES as readonly string[]).includes(asked) ? asked : resolve(asked)
