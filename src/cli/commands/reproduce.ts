// `digit reproduce`: regenerates images from the models and compares them with the originals.
import { Command, Option } from 'commander'
import { reproduce, type Reproduction } from '../../engine/paper/reproduce.ts'
import { workspaceFolder } from '../../engine/api/index.ts'
import { printable } from '../../shared/printable.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import { option, whole } from '../options.ts'
import { DifferentError } from '../outcome.ts'
import { stoppable } from '../stoppable.ts'
import { tell } from '../result.ts'

interface ReproduceFlags {
  readonly model?: string
  readonly device?: DeviceName
  readonly count?: number
}

/** Maximum number of differing images listed. */
const MOST_NAMED = 20

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description('Regenerate images from the models, compare them with the originals and report differences.')
    .argument('<path>', 'a run folder, a PNG made by digit, or a figure.json')
    .option(
      '--model <path>',
      'models to use (default: the models recorded in the run; for a single PNG, the demo)',
    )
    .addOption(
      new Option('--device <name>', 'device to run on (default: the recorded device)').choices(DEVICES),
    )
    .addOption(option('--count <n>', 'use only the first n images of a run', whole(1)))
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: ReproduceFlags) =>
      report(
        await stoppable((callbacks) =>
          reproduce({ path, ...flags, workspace: workspaceFolder() }, callbacks),
        ),
      ),
    )
}

const EXAMPLES = `
Examples:
  digit reproduce runs/demo-seed0-ar-1f0c9a
  digit reproduce runs/demo-seed0-ar-1f0c9a/images/000003.png
  digit reproduce paper/samples.figure.json --device cpu`

/** Throws DifferentError if an image differs. */
function report({ images, causes }: Reproduction): void {
  const other = images.filter(({ same }) => !same)
  const lines = [
    `${images.length - other.length} of ${images.length} images are identical, pixel for pixel`,
    ...other
      .slice(0, MOST_NAMED)
      .map(({ name, difference }) => `${name} differs${difference ? `: ${difference}` : ''}`),
    ...(other.length > MOST_NAMED ? [`and ${other.length - MOST_NAMED} more`] : []),
    ...causes.map((cause) => `changed: ${cause}`),
  ]
  tell(lines.map(printable).join('\n'), { images, causes })
  if (other.length > 0)
    throw new DifferentError(
      causes.length > 0
        ? `${other.length} images differ; see the changes listed above`
        : `${other.length} images differ, although files, versions and device are unchanged`,
    )
}
