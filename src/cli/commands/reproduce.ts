// `digit reproduce`: images made again from the models and compared with those that are there.
import { Command, Option } from 'commander'
import { reproduce, type Reproduction } from '../../engine/paper/reproduce.ts'
import { workspaceFolder } from '../../engine/api/index.ts'
import { printable } from '../../shared/printable.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import { option, whole } from '../options.ts'
import { DifferentError } from '../outcome.ts'
import { stoppable } from '../stoppable.ts'

interface ReproduceFlags {
  readonly model?: string
  readonly device?: DeviceName
  readonly count?: number
}

/** Images that differ are named up to this many. */
const MOST_NAMED = 20

export function reproduceCommand(): Command {
  return new Command('reproduce')
    .description('Make images again from the models, compare them, and say what differs.')
    .argument('<path>', 'a run folder, a PNG that digit made, or a figure.json')
    .option('--model <path>', 'models to use (default: those that the run names; the demo for a lone PNG)')
    .addOption(new Option('--device <name>', 'where to compute (default: as it was then)').choices(DEVICES))
    .addOption(option('--count <n>', 'only the first n images of a run', whole(1)))
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

/** Throws DifferentError where an image is not the same. */
function report({ images, causes }: Reproduction): void {
  const other = images.filter(({ same }) => !same)
  const say = (line: string): void => console.log(printable(line))
  say(`${images.length - other.length} of ${images.length} images are the same, pixel by pixel`)
  for (const { name, difference } of other.slice(0, MOST_NAMED))
    say(`${name} differs${difference ? `: ${difference}` : ''}`)
  if (other.length > MOST_NAMED) say(`and ${other.length - MOST_NAMED} more`)
  for (const cause of causes) say(`not as it was: ${cause}`)
  if (other.length > 0)
    throw new DifferentError(
      causes.length > 0
        ? `${other.length} images differ; what is not as it was is named above`
        : `${other.length} images differ, though files, versions and device are what they were`,
    )
}
