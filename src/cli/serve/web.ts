// `digit web`: the workbench in a browser, on this machine or through an SSH tunnel.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { option, whole } from '../options.ts'
import { openWebHost } from './host.ts'

interface WebFlags {
  readonly model?: string
  readonly port?: number
  readonly workspace?: string
  readonly images?: readonly string[]
}

const USUAL_PORT = 4387

export function webCommand(): Command {
  return new Command('web')
    .alias('serve')
    .description('Serve the workbench to a browser on this machine. Other machines cannot connect.')
    .option('--model <path>', 'folder (or file) with models (default: the bundled demo)')
    .option('--workspace <folder>', 'folder for runs (default: $DIGIT_WORKSPACE, or your data folder)')
    .option('--images <path...>', 'image sets for evaluation: folders, ADM batches, statistics (.npz)')
    .addOption(option('--port <n>', `port (default: ${USUAL_PORT}, or any free port)`, whole(0, 65535)))
    .addHelpText('after', EXAMPLES)
    .action(web)
}

const EXAMPLES = `
Examples:
  digit web --model ~/DiGIT
  ssh -L 4387:127.0.0.1:4387 gpu-machine    then open the printed address on your own machine`

async function web({ model, workspace, port, images = [] }: WebFlags): Promise<void> {
  const host = await openWebHost({
    port: port ?? USUAL_PORT,
    orAnother: port === undefined,
    page: built('../../renderer'),
    engineModule: built('../engine/api/process.js'),
    engine: {
      models: model === undefined ? [] : [resolve(model)],
      images: images.map((path) => resolve(path)),
      ...(workspace === undefined ? {} : { workspace: resolve(workspace) }),
    },
  })
  console.log(host.address)
  console.error(
    'The address contains an access token: anyone who has it can use this workbench. Press Ctrl-C to stop.',
  )
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  await host.close()
}

/** Build outputs, relative to the built command. */
const built = (path: string) => fileURLToPath(new URL(path, import.meta.url))
