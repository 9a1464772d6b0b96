// A linear probe -> what a methods section says about it, with the keys of its BibTeX entries in brackets.
import { shortHash } from '../models/model-hash.ts'
import { PROBE_RECIPES, trainingWords, type ProbedLayer, type ProbeTraining } from './linear-probe.ts'
import { shareInterval } from './share-interval.ts'

export interface ProbeResult {
  readonly training: ProbeTraining
  readonly layers: readonly ProbedLayer[]
  readonly counts?: { readonly train: number; readonly validation: number; readonly classes: number }
  /** sha256. */
  readonly stage1: string
  /** Layers of stage 1, without the embedding. */
  readonly depth: number
  /** K of the tokens. */
  readonly codes?: number
}

/** The most accurate layer on held-out images; undefined before the first one. */
export const bestLayer = (layers: readonly ProbedLayer[]): ProbedLayer | undefined =>
  layers.length === 0
    ? undefined
    : layers.reduce((best, layer) => (layer.validation > best.validation ? layer : best))

export function probeMethods({ training, layers, counts, stage1, depth, codes }: ProbeResult): string {
  const best = bestLayer(layers)
  return [
    `A linear probe classifies images by the mean of the states of stage 1 (sha256 ${shortHash(stage1)}${codes === undefined ? '' : `, K = ${count(codes)} discriminative tokens`}) over its sequence, layer by layer: 0, the input embedding, to ${training.recipe === 'release' ? depth - 1 : depth} of ${depth}.`,
    ...(training.recipe === 'release' ? released(training) : [OURS]),
    `Training: ${trainingWords(training)}; SGD with momentum 0.9, cosine decay to 0.`,
    ...(counts
      ? [
          `n = ${count(counts.train)} images for training and ${count(counts.validation)} held out, of ${count(counts.classes)} classes; accuracies are of centre crops.`,
        ]
      : []),
    ...(best && counts ? [bestWords(best, counts.validation)] : []),
  ].join(' ')
}

const OURS =
  'The recipe is our own: features are standardized over the training images, softmax regression starts at weights of 0; accuracies do not compare with those of the release [zhu2024stabilize].'

function released({ updates, batch, learningRate }: ProbeTraining): string[] {
  const published = PROBE_RECIPES.release
  const isWhole =
    updates === published.updates && batch === published.batch && learningRate === published.learningRate
  return [
    'The recipe is that of the DiGIT release [zhu2024stabilize]: each update reads its images again as random resized crops (scale 0.08 to 1, ratio 3/4 to 4/3, bilinear), half of them mirrored; features are not standardized, weights start at N(0, 0.01²), the last layer is not probed.',
    ...(isWhole
      ? []
      : [
          `The release trains ${count(published.updates)} updates of ${count(published.batch)} images at rate ${published.learningRate}: other values do not compare with its accuracies.`,
        ]),
  ]
}

function bestWords({ layer, validation }: ProbedLayer, n: number): string {
  const { low, high } = shareInterval(validation, n)
  return `Top-1 is highest at layer ${layer}: ${percent(validation)} (95 % interval ${percent(low)} to ${percent(high)} over the held-out images [wilson1927probable], on which the layer was chosen, too).`
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const count = (n: number) => n.toLocaleString('en-US')
