// `digit evaluate`: samples and a reference -> FID and related metrics, each with its protocol.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { PROTOCOL_NAMES, type ProtocolName } from '../../shared/evaluation/evaluation.ts'
import { stampMethods } from '../../shared/figures/paper/stamp-methods.ts'
import { stampText } from '../../shared/evaluation/stamp-text.ts'
import { METRICS_FILE, readAllStamps } from '../../engine/records/stamps.ts'
import { usualProtocol } from '../../engine/runs/evaluation/usual-protocol.ts'
import { follow, type Start } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { addModelOptions, modelFields, option, whole, type DeviceFlags } from '../options.ts'
import { DEVICES } from '../../shared/models/devices.ts'
import { UsageError } from '../outcome.ts'
import { tell } from '../result.ts'

export interface EvaluateFlags extends Omit<DeviceFlags, 'batchSize'> {
  readonly protocol?: ProtocolName
  readonly size?: number
  readonly inception?: string
  readonly clip?: string
  readonly confidence?: boolean
  readonly perClass?: boolean
  readonly floor?: boolean
  readonly methods?: boolean
  readonly referenceIsTrainingSet?: boolean
  readonly heldOut?: string
  readonly skipUnreadable?: boolean
}

export function evaluateCommand(start: Start = follow): Command {
  const command = new Command('evaluate')
    .description(
      'Compute FID, IS, KID, precision and recall of samples against a reference. Features are cached.',
    )
    .argument('<samples>', 'a run folder, a folder of images, or an ADM batch (.npz)')
    .argument(
      '<reference>',
      'the same, or statistics (.npz from ADM, pytorch-fid, clean-fid or `digit reference`)',
    )
  return addExtractorOptions(command)
    .option(
      '--confidence',
      'also compute the jackknife error, and from 5,000 samples the distance at infinite n (20 more distances)',
    )
    .option(
      '--per-class',
      'also compute the precision of each class, and its Fréchet distance beside that of real images',
    )
    .option('--methods', 'also print the text of a methods section, and its BibTeX entries')
    .option(
      '--reference-is-training-set',
      'state that the model was trained on the reference: also compute AuthPct, and C_T with --held-out',
    )
    .option('--held-out <path>', 'real images that were not trained on, to calibrate AuthPct and C_T')
    .option(
      '--no-floor',
      'skip the floor: the same metrics for real images against other real images, computed once a reference',
    )
    .option(
      '--out <folder>',
      'folder to append metrics.jsonl to (default: the run folder, else a new one in runs/)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (images: string, reference: string, flags: EvaluateFlags) => {
      const fields = await extractorFields(flags, defaultOut(images, reference))
      const result = await start({
        kind: 'evaluate',
        ...fields,
        images: resolve(images),
        reference: resolve(reference),
        confidence: flags.confidence === true,
        perClass: flags.perClass === true,
        floor: flags.floor === true,
        ...memorizationFields(flags),
      })
      if (!result) return
      const path = join(fields.out, METRICS_FILE)
      const { stamps, leftOut } = await readAllStamps(path)
      for (const { line, problem } of leftOut) console.error(`${path}, line ${line}: left out, ${problem}`)
      const { stamp } = stamps.find(({ stamp }) => stamp.key === result.measured)!
      const methods = flags.methods ? stampMethods(stamp) : undefined
      tell([stampText(stamp), methods ?? []].flat().join('\n\n'), {
        stamp,
        ...(methods === undefined ? {} : { methods }),
      })
    })
}

function memorizationFields({ referenceIsTrainingSet, heldOut }: EvaluateFlags) {
  if (heldOut !== undefined && !referenceIsTrainingSet)
    throw new UsageError('--held-out: only with --reference-is-training-set')
  return {
    ...(referenceIsTrainingSet ? { isTrainingSet: true as const } : {}),
    ...(heldOut === undefined ? {} : { heldOut: resolve(heldOut) }),
  }
}

const EXAMPLES = `
Examples:
  digit evaluate runs/demo-seed0-ar-1f0c9a resources/demo/images
  digit evaluate samples.npz VIRTUAL_imagenet256_labeled.npz --protocol adm
  digit evaluate runs/base ILSVRC2012/val --model ~/DiGIT --per-class`

/** Options of every command that extracts features. */
export function addExtractorOptions(command: Command): Command {
  return addModelOptions(command)
    .addOption(protocolOption())
    .addOption(option('--size <n>', 'resize and center-crop every image to n x n pixels', whole(1, 4096)))
    .option('--skip-unreadable', 'leave out images that cannot be read, and record which (default: an error)')
    .option(
      '--inception <file>',
      'path to weights-inception-2015-12-05-6726825d.pth (default: searched for among the models)',
    )
    .option(
      '--clip <file>',
      'path to a CLIP model, for --protocol clip (default: searched for among the models)',
    )
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
}

export const protocolOption = (): Option =>
  new Option(
    '--protocol <name>',
    'evaluation protocol (default: torch-fidelity, or dinov2 without Inception weights)',
  ).choices(PROTOCOL_NAMES)

/** The named protocol, or the usual one, which is reported. */
export async function protocolOf(
  { protocol, inception }: Pick<EvaluateFlags, 'protocol' | 'inception'>,
  models: Parameters<typeof usualProtocol>[0],
): Promise<ProtocolName> {
  if (protocol !== undefined) return protocol
  const usual = inception === undefined ? await usualProtocol(models) : 'torch-fidelity'
  if (usual === 'dinov2')
    console.error('protocol dinov2: the models have no Inception weights, which FID needs')
  return usual
}

export async function extractorFields(flags: EvaluateFlags, out: string) {
  const models = modelFields({ ...flags, batchSize: 1 }, out)
  return {
    ...models,
    protocol: await protocolOf(flags, models),
    ...(flags.size === undefined ? {} : { size: flags.size }),
    ...(flags.skipUnreadable ? { skipUnreadable: true } : {}),
    ...(flags.inception === undefined ? {} : { inception: resolve(flags.inception) }),
    ...(flags.clip === undefined ? {} : { clip: resolve(flags.clip) }),
  }
}

/** The run folder itself; other image sets get a folder of their own. */
const defaultOut = (images: string, reference: string): string =>
  existsSync(join(images, 'run.json')) ? images : `runs/evaluation-${inputsName([images, reference])}`
