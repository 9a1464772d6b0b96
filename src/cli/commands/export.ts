// `digit export`: the images of a run in formats for other programs.
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { EXPORT_FORMS, type ExportForm } from '../../shared/run/exports.ts'
import { exportRun } from '../../engine/paper/export.ts'
import { option, whole } from '../options.ts'
import { stoppable } from '../stoppable.ts'
import { tell } from '../result.ts'

interface ExportFlags {
  readonly as: ExportForm
  readonly out?: string
  readonly shuffle?: number
  readonly force?: boolean
}

export function exportCommand(): Command {
  return new Command('export')
    .description('Export the images of a run as PNG files, an ADM batch, tokens, or an HTML gallery.')
    .argument('<run>', 'run folder')
    .addOption(
      new Option('--as <form>', 'PNG files, ADM batch (.npz), .codecs, or HTML that opens offline')
        .choices(EXPORT_FORMS)
        .makeOptionMandatory(),
    )
    .option('--out <folder>', 'output folder (default: RUN-FORM next to the run folder)')
    .addOption(
      option(
        '--shuffle <seed>',
        'adm: shuffle the images with this seed (numpy RandomState)',
        whole(0, 2 ** 32 - 1),
      ),
    )
    .option('--force', 'overwrite existing files')
    .addHelpText('after', EXAMPLES)
    .action(async (run: string, { as, out, shuffle, force = false }: ExportFlags) => {
      const folder = resolve(out ?? `${resolve(run)}-${as}`)
      const options = { run, as, out: folder, force, ...(shuffle === undefined ? {} : { shuffle }) }
      const { summary, notes } = await stoppable((callbacks) => exportRun(options, callbacks))
      for (const note of notes) console.error(`note: ${note}`)
      tell(summary, { out: folder, summary, notes })
    })
}

const EXAMPLES = `
Examples:
  digit export runs/demo-seed0-ar-1f0c9a --as html
  digit export runs/base-50k --as adm --shuffle 0 --out samples`
