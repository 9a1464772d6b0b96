// The `digit` command: its subcommands and exit codes.
import { Command, CommanderError } from 'commander'
import { APP } from '../shared/app.ts'
import { presentFlag } from '../shared/run/earlier-names.ts'
import { atlasCommand } from './commands/atlas.ts'
import { codebooksCommand } from './commands/codebooks.ts'
import { compareCommand } from './commands/compare.ts'
import { desktopCommand } from './desktop.ts'
import { decodeCommand } from './commands/decode.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { exportCommand } from './commands/export.ts'
import { exportTokensCommand } from './commands/export-tokens.ts'
import { importTokensCommand } from './commands/import-tokens.ts'
import { figureCommand } from './commands/figure.ts'
import { infoCommand } from './commands/info.ts'
import { kmeansCommand } from './commands/kmeans.ts'
import { CancelledError, UsageError } from './outcome.ts'
import { probeCommand } from './commands/linear-probe.ts'
import { reconstructCommand } from './commands/reconstruct.ts'
import { publishCommand } from './commands/publish.ts'
import { reproduceCommand } from './commands/reproduce.ts'
import { referenceCommand } from './commands/reference.ts'
import { sampleCommand } from './commands/sample.ts'
import { webCommand } from './serve/web.ts'
import { sweepCommand } from './commands/sweep.ts'
import { tokenizeCommand } from './commands/tokenize.ts'

/** 0 means success. */
const EXIT = { error: 1, usage: 2, cancelled: 130 }

const program = new Command('digit')
  .description('Run DiGIT locally: load official checkpoints, sample images.')
  .version(APP.version)
  .option('--debug', 'print a stack trace for errors')
  .addCommand(infoCommand())
  .addCommand(sampleCommand())
  .addCommand(reconstructCommand())
  .addCommand(tokenizeCommand())
  .addCommand(decodeCommand())
  .addCommand(kmeansCommand())
  .addCommand(atlasCommand())
  .addCommand(codebooksCommand())
  .addCommand(importTokensCommand())
  .addCommand(exportTokensCommand())
  .addCommand(figureCommand())
  .addCommand(publishCommand())
  .addCommand(reproduceCommand())
  .addCommand(exportCommand())
  .addCommand(evaluateCommand())
  .addCommand(referenceCommand())
  .addCommand(sweepCommand())
  .addCommand(compareCommand())
  .addCommand(probeCommand())
  .addCommand(webCommand())
  .addCommand(desktopCommand())
for (const command of [program, ...program.commands])
  command.exitOverride().showHelpAfterError('(see --help for usage)')

try {
  await program.parseAsync(process.argv.map(withPresentFlag))
} catch (error) {
  process.exitCode = report(error)
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
