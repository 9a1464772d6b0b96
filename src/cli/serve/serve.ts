// `digit serve`: the workbench in a browser, on this machine or through a tunnel to it.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { option, whole } from '../options.ts'
import { openWebHost } from './host.ts'

interface ServeFlags {
  readonly model?: string
  readonly port?: number
  readonly workspace?: string
  readonly images?: readonly string[]
}

const USUAL_PORT = 4387

export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve the workbench to a browser on this machine, and to nobody else.')
    .option('--model <path>', 'folder (or file) of models (default: the bundled demo)')
    .option('--workspace <folder>', 'where runs are kept (default: DIGIT_WORKSPACE, or your data folder)')
    .option('--images <path...>', 'image sets to measure: folders, ADM batches, statistics (.npz)')
    .addOption(option('--port <n>', `port (default: ${USUAL_PORT}, or any that is free)`, whole(0, 65535)))
    .addHelpText('after', EXAMPLES)
    .action(serve)
}

const EXAMPLES = `
Examples:
  digit serve --model ~/DiGIT
  ssh -L 4387:127.0.0.1:4387 gpu-machine    then open on your own machine what digit serve prints there`

async function serve({ model, workspace, port, images = [] }: ServeFlags): Promise<void> {
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
  console.error('The address carries a token: whoever has it can use this workbench. Ctrl-C ends it.')
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })
  await host.close()
}

/** Where the build puts things, seen from the built command. */
const built = (path: string) => fileURLToPath(new URL(path, import.meta.url))
