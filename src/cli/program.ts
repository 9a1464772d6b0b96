// All commands of `digit`.
import { Command } from 'commander'
import { APP } from '../shared/app.ts'
import { atlasCommand } from './commands/atlas.ts'
import { cardCommand } from './commands/card.ts'
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
import { jobsCommand } from './commands/jobs.ts'
import { onnxCommand } from './commands/onnx.ts'
import { kmeansCommand } from './commands/kmeans.ts'
import { likelihoodCommand } from './commands/likelihood.ts'
import { probeCommand } from './commands/linear-probe.ts'
import { reconstructCommand } from './commands/reconstruct.ts'
import { publishCommand } from './commands/publish.ts'
import { reproduceCommand } from './commands/reproduce.ts'
import { referenceCommand } from './commands/reference.ts'
import { sampleCommand } from './commands/sample.ts'
import { submitCommand } from './commands/submit.ts'
import { taskCommand } from './commands/task.ts'
import { webCommand } from './serve/web.ts'
import { sweepCommand } from './commands/sweep.ts'
import { tokenizeCommand } from './commands/tokenize.ts'
import { collectJson } from './result.ts'

export const program = new Command('digit')
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
  .addCommand(onnxCommand())
  .addCommand(evaluateCommand())
  .addCommand(referenceCommand())
  .addCommand(sweepCommand())
  .addCommand(compareCommand())
  .addCommand(probeCommand())
  .addCommand(likelihoodCommand())
  .addCommand(submitCommand())
  .addCommand(jobsCommand())
  .addCommand(taskCommand())
  .addCommand(webCommand())
  .addCommand(desktopCommand())
  .addCommand(cardCommand(), { hidden: true })

/** These print no result: they serve until they are stopped. */
const SERVING = new Set(['web', 'desktop'])
for (const command of program.commands.filter((command) => !SERVING.has(command.name())))
  command
    .option('--json', 'print the result as one JSON object')
    .hook('preAction', () => void (command.opts().json && collectJson()))
