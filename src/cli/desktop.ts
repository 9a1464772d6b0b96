// `digit desktop`: the workbench in a window of its own, or one line that says why there can be none.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'

const EXAMPLES = `
Examples:
  digit desktop ~/DiGIT          the workbench with these models
  digit desktop                  with what was open last`

export function desktopCommand(): Command {
  return new Command('desktop')
    .description('Open the workbench in a window; needs Electron (npm install --global electron).')
    .argument('[models...]', 'folders (or files) of models (default: what was open last, or the demo)')
    .addHelpText('after', EXAMPLES)
    .action(desktop)
}

async function desktop(models: readonly string[]): Promise<void> {
  // What `npm start` runs, seen from the built command.
  const script = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url))
  const words = [script, '--desktop', ...models.map((path) => resolve(path))]
  const child = spawn(process.execPath, words, { stdio: 'inherit' })
  // A Ctrl-C reaches the script directly, and the script passes it on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.exitCode = await new Promise<number>((done, failed) =>
    child.on('error', failed).on('exit', (code) => done(code ?? 1)),
  )
}
