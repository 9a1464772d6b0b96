// What the `digit` command does with its arguments, and its exit codes.
import { CommanderError } from 'commander'
import { presentFlag } from '../shared/run/earlier-names.ts'
import { CancelledError, UsageError } from './outcome.ts'
import { program } from './program.ts'
import { printJson } from './result.ts'

/** 0 means success. */
const EXIT = { error: 1, usage: 2, cancelled: 130 }

for (const command of [program, ...program.commands])
  command.exitOverride().showHelpAfterError('(see --help for usage)')

/** Runs the command of these arguments, the first two of which name the program. Returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args.map(withPresentFlag))
    return 0
  } catch (error) {
    return report(error)
  } finally {
    printJson()
  }
}

/** `--temperature2=0.9` of earlier versions. */
function withPresentFlag(argument: string): string {
  const [flag = '', ...value] = argument.split('=')
  return [presentFlag(flag), ...value].join('=')
}

function report(error: unknown): number {
  // Commander has already printed the problem; --help and --version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage
  if (error instanceof CancelledError) {
    console.error(error.message)
    return EXIT.cancelled
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  if (name === 'ConflictError') {
    console.error(`digit: ${message}; use --force to overwrite`)
    return EXIT.error
  }
  const expected = /^(RequestError|ModelError|FormatError|UsageError|RunError|DifferentError)$/.test(name)
  console.error(`digit: ${expected ? message : `${name}: ${message}`}`)
  if (program.opts().debug) console.error(stack)
  else if (!expected) console.error('(use --debug to print the stack trace)')
  return error instanceof UsageError ? EXIT.usage : EXIT.error
}
