// `digit publish`: a figure -> a folder that opens in any browser and shows where every image comes from.
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { coloursOfModels, demoFolder, workspaceFolder } from '../../engine/api/index.ts'
import { outputName } from '../../engine/paper/figure.ts'
import { publishFigure } from '../../engine/paper/publish/publish.ts'
import { readText } from '../../engine/records/json-file.ts'
import { textToLabels } from '../../shared/atlas/cluster-labels.ts'
import { printable } from '../../shared/printable.ts'
import { figurePath } from '../inputs.ts'
import { UsageError } from '../outcome.ts'
import { stoppable } from '../stoppable.ts'
import { tell } from '../result.ts'

interface PublishFlags {
  readonly out?: string
  readonly labels?: string
  readonly model?: string
  readonly force?: boolean
}

export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'Publish a figure as a folder that opens offline: every image with its tokens, origin and command.',
    )
    .argument('<figure>', 'figure.json, or the name of a figure in the workspace')
    .option('--out <folder>', 'the folder to make (default: NAME-published in the current folder)')
    .option('--labels <file>', 'labels of clusters, as the Clusters page exports them (.csv or .json)')
    .option(
      '--model <path>',
      'folder (or file) with models, for token colors that the figure does not contain (default: the bundled demo)',
    )
    .option('--force', 'replace an earlier publication in that folder; other folders are never touched')
    .addHelpText('after', EXAMPLES)
    .action(publish)
}

const EXAMPLES = `
Examples:
  digit publish samples                       a figure of the workspace
  digit publish paper/samples.json --out supplement/figure-1`

/** Labels may be of a codebook of any size. */
const MOST_ENTRIES = 2 ** 16

async function publish(
  figure: string,
  { out, labels, model = demoFolder(), force = false }: PublishFlags,
): Promise<void> {
  const workspace = workspaceFolder()
  const path = figurePath(figure, workspace)
  const { folder, images, files, bytes, notes } = await stoppable(async (callbacks) =>
    publishFigure(
      {
        path,
        out: resolve(out ?? `${outputName(resolve(path))}-published`),
        force,
        workspace,
        colours: coloursOfModels(model, workspace),
        ...(labels === undefined ? {} : { labels: await labelsIn(labels) }),
      },
      callbacks,
    ),
  )
  for (const note of notes) console.error(printable(`note: ${note}`))
  tell(
    printable(
      `published ${images} images (${files} files, ${(bytes / 1e6).toFixed(1)} MB): ${join(folder, 'index.html')}`,
    ),
    { folder, images, files, bytes, notes },
  )
}

async function labelsIn(path: string): Promise<() => ReadonlyMap<number, string>> {
  const text = await readText(path, path)
  if (text === undefined) throw new UsageError(`--labels ${path}: no such file`)
  const labels = textToLabels(path, text, MOST_ENTRIES)
  const known = new Map(labels.flatMap(({ entry, label }) => (label === '' ? [] : [[entry, label] as const])))
  return () => known
}
