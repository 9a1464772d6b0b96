// `digit atlas`: a token data set -> statistics of every codebook entry, optionally compared with another
// data set.
import { LayerNameSchema } from '../../shared/grid/layout.ts'
import { readDatasetRecord } from '../../engine/records/token-dataset.ts'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { compareAtlases, openAtlas, type Atlas } from '../../engine/runs/atlas/atlas-read.ts'
import type { AtlasEntry, JudgedUsage } from '../../shared/atlas/atlas.ts'
import { DEVICES, type DeviceName } from '../../shared/models/devices.ts'
import { follow, type Start } from '../follow.ts'
import { addModelOptions, modelFields, option, whole, type ModelFlags } from '../options.ts'
import { tell } from '../result.ts'

interface AtlasFlags extends ModelFlags {
  readonly tokens?: string
  readonly umap: boolean
  readonly seed: number
  readonly device: DeviceName
  readonly out?: string
  readonly entry?: number
  readonly against?: string
}

/** Entries listed for each kind of difference. */
const MOST = 10

export function atlasCommand(start: Start = follow): Command {
  const command = new Command('atlas')
    .description(
      'Compute usage, positions, classes, neighbors and examples for every cluster or code of a token data set.',
    )
    .argument('<dataset>', 'folder of a token data set (digit tokenize, digit import-tokens)')
    .addOption(
      option(
        '--tokens <layer>',
        'which tokens to use: discriminative, codes, or a scale of codes such as scale_13 (default: the first that the data set has)',
        layerName,
      ),
    )
    .option('--umap', 'also compute a UMAP layout of the codebook', false)
    .addOption(option('--seed <n>', 'seed for UMAP', whole(0, 2 ** 31), 0))
    .addOption(option('--entry <k>', 'print everything about cluster k as JSON', whole(0)))
    .option(
      '--against <dataset>',
      'compare usage with this data set, for example generated against real images',
    )
    .addOption(new Option('--device <name>', 'device to run on').choices(DEVICES).default('auto'))
    .option('--out <folder>', 'output folder (default: atlas-LAYER in the data set)')
  return addModelOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, flags: AtlasFlags) => {
      const atlas = await built(start, dataset, flags, flags.out)
      if (flags.entry !== undefined) {
        const entry = await atlas.entry(flags.entry)
        tell(entryText(entry), { entry })
      }
      if (flags.against === undefined) return
      const other = await built(start, flags.against, { ...flags, tokens: atlas.info.tokens })
      const comparison = await compareAtlases(atlas, other)
      tell(comparisonText(comparison), { comparison })
    })
}

/** The atlas of a data set, computed if it does not exist yet. */
async function built(start: Start, dataset: string, flags: AtlasFlags, folder?: string): Promise<Atlas> {
  const { umap, seed } = flags
  const tokens = flags.tokens ?? (await firstTokens(dataset))
  const fields = modelFields({ ...flags, batchSize: 1, ...(folder === undefined ? {} : { out: folder }) }, '')
  const out = resolve(folder ?? join(dataset, `atlas-${tokens}`))
  await start({ kind: 'atlas', ...fields, out, dataset: resolve(dataset), tokens, umap, seed })
  return openAtlas(out)
}

/** Clusters, if the data set has them. */
const firstTokens = async (dataset: string) =>
  (await readDatasetRecord(resolve(dataset))).vocabulary.discriminative === undefined
    ? 'codes'
    : 'discriminative'

function layerName(text: string): string {
  if (LayerNameSchema.safeParse(text).success) return text
  throw new InvalidArgumentError('Expected discriminative, codes, or a scale of codes such as scale_13.')
}

/** As one line, with typed arrays as plain arrays. */
const entryText = (entry: AtlasEntry): string =>
  JSON.stringify(entry, (_, value: unknown) => (value instanceof Uint32Array ? Array.from(value) : value))

function comparisonText(comparison: JudgedUsage): string {
  const { jensenShannon, totalVariation, kullbackLeibler, logRatio, onlyA, onlyB, neither } = comparison
  const { over, under, floor } = comparison
  const times = (k: number) => (2 ** Math.abs(logRatio[k]!)).toPrecision(2)
  const shown = (entries: readonly number[]) =>
    entries
      .slice(0, MOST)
      .map((k) => `${k} (${times(k)}x)`)
      .join(', ') || 'none for certain'
  return [
    `divergence: Jensen-Shannon ${jensenShannon.toFixed(4)} nats (maximum 0.6931), total variation ${totalVariation.toFixed(4)}`,
    `Kullback-Leibler: KL(first || second) ${kullbackLeibler.ofAFromB.toFixed(4)} nats, KL(second || first) ${kullbackLeibler.ofBFromA.toFixed(4)} nats`,
    `entries used only in the first: ${onlyA}, only in the second: ${onlyB}, in neither: ${neither}`,
    ...(floor
      ? [
          `against the same ${floor.m} images of the first, Jensen-Shannon: ${floor.jensenShannon.samples.toFixed(4)} for ${floor.n} of the second, ${floor.jensenShannon.real.toFixed(4)} for ${floor.n} others of the first`,
        ]
      : []),
    `overused in the second for certain: ${over.length}; most: ${shown(over)}`,
    `underused in the second for certain: ${under.length}; most: ${shown(under)}`,
  ].join('\n')
}

const EXAMPLES = `
Examples:
  digit atlas runs/demo-tokenize-images-1f0c9a
  digit atlas runs/demo-tokenize-images-1f0c9a --entry 17
  digit atlas runs/demo-tokenize-images-1f0c9a --against runs/tokens-demo-seed0-aa01bc
  digit atlas runs/rar-codes --model ~/RAR --against runs/tokens-rar-seed0-77d0ab`
