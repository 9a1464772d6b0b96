// `digit atlas`: a token data set -> statistics of every entry of its codebook; of one, or against another data set.
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { compareAtlases, openAtlas, type Atlas } from '../../engine/runs/atlas/atlas-read.ts'
import type { AtlasEntry, UsageComparison } from '../../shared/atlas/atlas.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import type { GridName } from '../../shared/run/run.ts'
import { follow } from '../follow.ts'
import { addModelOptions, modelFields, option, whole, type ModelFlags } from '../options.ts'

interface AtlasFlags extends ModelFlags {
  readonly tokens: GridName
  readonly umap: boolean
  readonly seed: number
  readonly device: DeviceName
  readonly out?: string
  readonly entry?: number
  readonly against?: string
}

/** Entries named of each kind that differs most. */
const MOST = 10

export function atlasCommand(): Command {
  const command = new Command('atlas')
    .description(
      'Compute usage, places, classes, neighbours and examples of every cluster of a token data set.',
    )
    .argument('<dataset>', 'folder of a token data set (digit tokenize, digit import-tokens)')
    .addOption(
      new Option('--tokens <kind>', 'which tokens')
        .choices(['discriminative', 'codes'])
        .default('discriminative'),
    )
    .option('--umap', 'lay the codebook out with UMAP as well', false)
    .addOption(option('--seed <n>', 'of UMAP', whole(0, 2 ** 31), 0))
    .addOption(option('--entry <k>', 'print everything about one cluster, as JSON', whole(0)))
    .option('--against <dataset>', 'compare usage with this data set: generated images against real ones')
    .addOption(new Option('--device <name>', 'where to compute').choices(DEVICES).default('auto'))
    .option('--out <folder>', 'folder of the atlas (default: atlas-discriminative or -codes in the data set)')
  return addModelOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, flags: AtlasFlags) => {
      const atlas = await built(dataset, flags, flags.out)
      if (flags.entry !== undefined) console.log(entryText(await atlas.entry(flags.entry)))
      if (flags.against === undefined) return
      const other = await built(flags.against, flags)
      console.log(comparisonText(await compareAtlases(atlas, other)))
    })
}

/** The atlas of a data set, computed where it is not there yet. */
async function built(dataset: string, flags: AtlasFlags, folder?: string): Promise<Atlas> {
  const { tokens, umap, seed } = flags
  const fields = modelFields({ ...flags, batchSize: 1, ...(folder === undefined ? {} : { out: folder }) }, '')
  const out = resolve(folder ?? join(dataset, `atlas-${tokens}`))
  await follow({ kind: 'atlas', ...fields, out, dataset: resolve(dataset), tokens, umap, seed })
  return openAtlas(out)
}

/** One line; typed arrays as plain ones. */
const entryText = (entry: AtlasEntry): string =>
  JSON.stringify(entry, (_, value: unknown) => (value instanceof Uint32Array ? Array.from(value) : value))

function comparisonText(comparison: UsageComparison): string {
  const { jensenShannon, totalVariation, kullbackLeibler, logRatio, onlyA, onlyB, neither } = comparison
  const order = Array.from(logRatio, (_, k) => k).sort((a, b) => logRatio[b]! - logRatio[a]!)
  const times = (k: number) => (2 ** Math.abs(logRatio[k]!)).toPrecision(2)
  const shown = (entries: readonly number[]) => entries.map((k) => `${k} (${times(k)}x)`).join(', ')
  return [
    `divergence: Jensen-Shannon ${jensenShannon.toFixed(4)} nats of at most 0.6931, total variation ${totalVariation.toFixed(4)}`,
    `Kullback-Leibler: ${kullbackLeibler.ofAFromB.toFixed(4)} nats of the first from the second, ${kullbackLeibler.ofBFromA.toFixed(4)} the other way`,
    `used in the first alone ${onlyA}, in the second alone ${onlyB}, in neither ${neither}`,
    `most over-used in the second: ${shown(order.slice(0, MOST))}`,
    `most under-used in the second: ${shown(order.slice(-MOST).reverse())}`,
  ].join('\n')
}

const EXAMPLES = `
Examples:
  digit atlas runs/demo-tokenize-images-1f0c9a
  digit atlas runs/demo-tokenize-images-1f0c9a --entry 17
  digit atlas runs/demo-tokenize-images-1f0c9a --against runs/tokens-demo-seed0-aa01bc`
