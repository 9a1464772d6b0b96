// `digit submit -- COMMAND ...`: the work of a command as jobs of SLURM, one task a shard.
import { oneDevice } from '../../shared/models/devices.ts'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { workspaceFolder } from '../../engine/records/workspace.ts'
import {
  planSubmission,
  scriptsOf,
  submit,
  SUBMITTED_KINDS,
  templateOf,
  type Program,
  type SubmitRequest,
  type Submitted,
} from '../../engine/slurm/index.ts'
import type { ProtocolName } from '../../shared/evaluation/evaluation.ts'
import type { RunSpec } from '../../shared/run/run.ts'
import { PlacementSchema, type Placement } from '../../shared/slurm/submission.ts'
import type { Start } from '../follow.ts'
import { option, whole } from '../options.ts'
import { UsageError } from '../outcome.ts'
import { tell } from '../result.ts'
import { evaluateCommand, protocolOf, protocolOption } from './evaluate.ts'
import { kmeansCommand } from './kmeans.ts'
import { reconstructCommand } from './reconstruct.ts'
import { sampleCommand } from './sample.ts'
import { collect, sweepCommand } from './sweep.ts'
import { tokenizeCommand } from './tokenize.ts'

interface SubmitFlags extends Omit<Placement, 'options' | 'template'> {
  readonly sbatch?: readonly string[]
  readonly template?: string
  readonly reference?: string
  readonly protocol?: ProtocolName
  readonly dryRun?: boolean
}

const COMMANDS: Readonly<Record<(typeof SUBMITTED_KINDS)[number], (start: Start) => Command>> = {
  sample: sampleCommand,
  reconstruct: reconstructCommand,
  tokenize: tokenizeCommand,
  evaluate: evaluateCommand,
  kmeans: kmeansCommand,
  sweep: sweepCommand,
}

export function submitCommand(): Command {
  return new Command('submit')
    .description(
      'Submit a command to SLURM as an array of tasks, one a shard, and a last task that joins their results. Submit the same command again to resume.',
    )
    .argument('<command...>', `after --: ${SUBMITTED_KINDS.join(', ')} with its own options`)
    .addOption(option('--shards <n>', 'tasks to divide the work into', whole(1, 10_000), 8))
    .addOption(option('--at-once <n>', 'tasks that run at once (default: as many as SLURM allows)', whole(1)))
    .option('--partition <name>', 'partition of SLURM')
    .option('--account <name>', 'account to charge')
    .option('--time <limit>', 'time limit of a task: minutes, or H:MM:SS')
    .addOption(option('--gpus-per-task <n>', 'GPUs of a task', whole(0, 64)))
    .addOption(option('--cpus-per-task <n>', 'CPUs of a task', whole(1, 1024)))
    .option('--sbatch <option>', 'further option of sbatch, such as --mem=32G; can be repeated', collect)
    .option(
      '--template <file>',
      'lines of your site between the options and the command (default: slurm/template.sh in the workspace)',
    )
    .option('--host <name>', 'submit through ssh on this machine, which sees the same files')
    .option('--reference <path>', 'sample, reconstruct: then measure the images against this')
    .addOption(protocolOption())
    .option('--dry-run', 'only print the scripts')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: SubmitFlags) => {
      const workspace = workspaceFolder()
      const spec = await specOf(words)
      const request = {
        specs: await withMeasurement(spec, flags),
        placement: await placementOf(flags, workspace),
      }
      if (flags.dryRun) return printScripts(request)
      const submitted = await submit(request, PROGRAM, workspace)
      tell(submittedText(submitted), { ...submitted })
    })
}

const EXAMPLES = `
Examples:
  digit submit --shards 8 -- sample --count 400
  digit submit --shards 100 --partition gpu --gpus-per-task 1 --time 2:00:00 \\
               --reference imagenet256-val.npz -- sample --model ~/DiGIT --count 50000
  digit submit --shards 64 --sbatch=--mem=32G -- kmeans --model ~/DiGIT ILSVRC2012/train -k 8192
  digit submit --dry-run -- sweep --axis "temperature=0.7-1.3 (+0.1)" --count 5000 --reference val.npz`

/** The same node and command as this process. */
export const PROGRAM: Program = { command: [process.execPath, resolve(process.argv[1] ?? '')] }

/** The specification that the command would start. */
async function specOf([name = '', ...words]: readonly string[]): Promise<RunSpec> {
  if (!(name in COMMANDS))
    throw new UsageError(`${name}: cannot be submitted (expected ${SUBMITTED_KINDS.join(', ')})`)
  let spec: RunSpec | undefined
  const command = COMMANDS[name as keyof typeof COMMANDS](async (found) => void (spec = found))
  await command.exitOverride().parseAsync(words, { from: 'user' })
  if (!spec) throw new UsageError(`${name}: has nothing to submit; use --dry-run of submit itself`)
  return spec
}

async function withMeasurement(spec: RunSpec, flags: SubmitFlags): Promise<RunSpec[]> {
  const { reference } = flags
  if (reference === undefined) return [spec]
  if (spec.kind !== 'sample' && spec.kind !== 'reconstruct')
    throw new UsageError(`--reference: only with sample and reconstruct (found ${spec.kind})`)
  const { model, choose, device, out } = spec
  return [
    spec,
    {
      kind: 'evaluate',
      model,
      ...(choose ? { choose } : {}),
      device: oneDevice(device),
      out,
      images: out,
      reference: resolve(reference),
      protocol: await protocolOf(flags, spec),
      confidence: false,
      perClass: false,
    },
  ]
}

async function placementOf(flags: SubmitFlags, workspace: string): Promise<Placement> {
  const { sbatch, template, reference: _r, protocol: _p, dryRun: _d, ...rest } = flags
  const text = template === undefined ? await templateOf(workspace) : await readFile(template, 'utf8')
  const { data, error } = PlacementSchema.safeParse({
    ...rest,
    ...(sbatch ? { options: sbatch } : {}),
    ...(text === undefined ? {} : { template: text }),
  })
  if (data) return data
  const [{ path, message }] = error.issues as [(typeof error.issues)[number]]
  throw new InvalidArgumentError(`${path.join('.')}: ${message}`)
}

function printScripts(request: SubmitRequest): void {
  const planned = planSubmission(request)
  const scripts = scriptsOf(planned, PROGRAM)
  tell(scripts.map(({ phase, text }) => `# ${phase.name}.sh\n${text}`).join('\n'), {
    folder: planned.folder,
    scripts: Object.fromEntries(scripts.map(({ phase, text }) => [phase.name, text])),
  })
}

/** What was submitted, in words. */
export function submittedText({ submission: { id }, folder, tasks }: Submitted): string {
  if (tasks.length === 0) return `${id}: nothing to submit, all of it is done or in the queue; ${folder}`
  const [first] = tasks
  const count = tasks.reduce((sum, { tasks }) => sum + tasks.length, 0)
  return `${id}: submitted ${count} tasks from ${first!.phase} on (jobs ${first!.job} to ${tasks.at(-1)!.job}); ${folder}\nwatch it with: digit jobs show ${id}`
}
