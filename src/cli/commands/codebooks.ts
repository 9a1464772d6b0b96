// `digit codebooks`: compares two codebooks on the same pictures.
import type { GridName } from '../../shared/grid/layout.ts'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import { follow } from '../follow.ts'
import { inputsName } from '../inputs.ts'
import { UsageError } from '../outcome.ts'

interface CodebooksFlags {
  readonly tokens: GridName
  readonly secondTokens?: GridName
  readonly files?: readonly string[]
  readonly device: DeviceName
  readonly out?: string
}

export function codebooksCommand(): Command {
  return new Command('codebooks')
    .description('Compare two codebooks: utilization, quantization error, matched clusters, token agreement.')
    .argument('<dataset-a>', 'token data set made with the first codebook')
    .argument('<dataset-b>', 'token data set of the same pictures made with the second codebook')
    .option('--files <codebook...>', 'the two codebook files; also matches clusters by nearest centroid')
    .addOption(
      new Option('--tokens <kind>', 'which tokens to use')
        .choices(['discriminative', 'codes'])
        .default('discriminative'),
    )
    .addOption(
      new Option(
        '--second-tokens <kind>',
        'which tokens of the second data set to use (default: same as --tokens)',
      ).choices(['discriminative', 'codes']),
    )
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
    .option('--out <folder>', 'output folder for comparison.json (default: runs/codebooks-NAME)')
    .addHelpText('after', EXAMPLES)
    .action(async (a: string, b: string, { files, tokens, secondTokens, device, out }: CodebooksFlags) => {
      const [fileA, fileB, ...more] = files ?? []
      if (files && (fileB === undefined || more.length > 0))
        throw new UsageError(
          `--files: expected two codebooks, the first and the second (found ${files.length})`,
        )
      await follow({
        kind: 'codebooks',
        datasets: [resolve(a), resolve(b)],
        ...(fileA === undefined || fileB === undefined
          ? {}
          : { codebooks: [resolve(fileA), resolve(fileB)] }),
        tokens,
        ...(secondTokens === undefined ? {} : { secondTokens }),
        device,
        out: resolve(out ?? `runs/codebooks-${inputsName([a, b])}`),
      })
    })
}

const EXAMPLES = `
Examples:
  digit codebooks runs/val-km_8k runs/val-km_16k
  digit codebooks runs/val-seed0 runs/val-seed1 --files km_seed0.npy km_seed1.npy
  digit codebooks runs/val runs/val --second-tokens codes`
