// `digit figure`: a figure.json -> PDF, SVG, PNG and the LaTeX files for a paper.
import { Command, InvalidArgumentError } from 'commander'
import { FIGURE_FORMATS, type FigureFormat } from '../../shared/run/exports.ts'
import { makeFigure } from '../../engine/paper/figure.ts'
import { coloursOfModels, demoFolder, workspaceFolder } from '../../engine/api/index.ts'
import { printable } from '../../shared/printable.ts'
import { figurePath } from '../inputs.ts'
import { option } from '../options.ts'
import { tell } from '../result.ts'

interface FigureFlags {
  readonly model?: string
  readonly out?: string
  readonly name?: string
  readonly formats: readonly FigureFormat[]
  readonly force?: boolean
}

export function figureCommand(): Command {
  return new Command('figure')
    .description('Render a figure for a paper. The same file always gives the same bytes.')
    .argument(
      '<figure>',
      'a figure.json, made by hand or on the Figures page; or the name of a figure of the workspace',
    )
    .option('--out <folder>', 'output folder (default: the folder of the file)')
    .option('--name <name>', 'base name of the outputs (default: the name of the file)')
    .addOption(
      option('--formats <list>', `comma-separated list of ${FIGURE_FORMATS.join(', ')}`, parseFormats, [
        ...FIGURE_FORMATS,
      ]),
    )
    .option(
      '--model <path>',
      'folder (or file) with models, for token colors that the figure does not contain (default: the bundled demo)',
    )
    .option('--force', 'overwrite existing outputs')
    .addHelpText('after', EXAMPLES)
    .action(figure)
}

const EXAMPLES = `
Examples:
  digit figure samples                        a figure of the workspace
  digit figure samples.json
  digit figure samples.json --out paper/figures --formats pdf,paper --force`

async function figure(
  named: string,
  { out, name, formats, model = demoFolder(), force = false }: FigureFlags,
): Promise<void> {
  const workspace = workspaceFolder()
  const { files, notes } = await makeFigure({
    path: figurePath(named, workspace),
    ...(out === undefined ? {} : { out }),
    ...(name === undefined ? {} : { name }),
    formats,
    force,
    workspace,
    colours: coloursOfModels(model, workspace),
  })
  for (const note of notes) console.error(printable(`note: ${note}`))
  tell(files.join('\n'), { files, notes })
}

function parseFormats(text: string): FigureFormat[] {
  const names = text.split(',').map((name) => name.trim())
  const known = FIGURE_FORMATS.filter((format) => names.includes(format))
  const unknown = names.find((name) => !FIGURE_FORMATS.some((format) => format === name))
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Unknown format '${unknown}' (expected ${FIGURE_FORMATS.join(', ')}).`)
  return known
}
