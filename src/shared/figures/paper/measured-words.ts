// How values were measured -> the sentences of a methods section, with the keys of their BibTeX entries in brackets.
import type { SeriesMeasured } from '../../evaluation/how-measured.ts'
import { shortHash } from '../../models/model-hash.ts'
import { codebookWords } from '../../run/sampled-with.ts'
import { metricWords } from '../metric-words.ts'
import { worksFor } from './measured-works.ts'

const DEFINITIONS: Readonly<Record<string, string>> = {
  frechet_inception_distance: 'the Fréchet distance between Gaussians fitted to Inception features',
  frechet_dinov2_distance:
    'the Fréchet distance between Gaussians fitted to the class tokens of the last block',
  spatial_frechet_inception_distance: 'the Fréchet distance of spatial Inception features',
  inception_score_mean: 'the Inception Score',
  kernel_inception_distance_mean:
    'the unbiased squared maximum mean discrepancy of Inception features, cubic kernel',
  kernel_dinov2_distance_mean:
    'the unbiased squared maximum mean discrepancy of the class tokens of the last block, cubic kernel',
  clip_maximum_mean_discrepancy:
    'the squared maximum mean discrepancy of unit CLIP embeddings, Gaussian kernel of sigma 10, times 1000',
  frechet_clip_distance: 'the Fréchet distance between Gaussians fitted to CLIP embeddings',
  psnr: 'the mean peak signal-to-noise ratio of reconstructions against their originals, range 255',
  ssim: 'the mean structural similarity of reconstructions and their originals',
  codebook_usage: 'the share of the codebook that occurs in the reconstructions',
  data_copying_score: 'a z-score of the distances to training images, against those of held-out images',
  authpct: 'the percentage of samples that are not near copies of training images',
  precision: 'the share of samples within the manifold of the real images',
  recall: 'the share of real images within the manifold of the samples',
  f_score: 'the harmonic mean of precision and recall',
}

/** One paragraph for each different way; results that differ only in their name share their sets and features. */
export function measuredParagraphs(all: readonly SeriesMeasured[]): string[] {
  const groups = new Map<string, SeriesMeasured[]>()
  for (const how of all) {
    const { result: _result, error: _error, ...rest } = how
    const key = JSON.stringify(rest)
    const group = groups.get(key) ?? []
    if (!group.some(({ result }) => result === how.result)) group.push(how)
    groups.set(key, group)
  }
  return [...groups.values()].map(paragraph)
}

function paragraph(group: readonly SeriesMeasured[]): string {
  const [first] = group as [SeriesMeasured, ...SeriesMeasured[]]
  const { samples, reference, extractor, badges } = first
  const sentences = [
    ...group.map((how) => {
      const about = DEFINITIONS[how.result]
      const works = worksFor(how).map(({ key }) => key)
      const cited = works.length > 0 ? ` [${works.join('; ')}]` : ''
      return `${metricWords(how.result, how)}${about ? ` is ${about}` : ''}${settingWords(how)}${cited}.`
    }),
    `It compares n = ${count(samples.n)} samples (${samples.crop}) with ${setWords(reference)}.`,
    `Features are from ${extractor.network ? `${extractor.network} (${extractor.file}, ` : `${extractor.file} (`}sha256 ${shortHash(extractor.sha256)}; input ${extractor.input}).`,
    ...madeSentences(first),
    ...errorSentences(group),
    ...badges.filter((badge) => concerns(badge, group)).map(sentence),
  ]
  if (group.length > 1)
    sentences[group.length] = sentences[group.length]!.replace('It compares', 'They compare')
  return sentences.join(' ')
}

/** Beginnings of caveats about one metric, and those of its results. */
const CAVEATS: readonly (readonly [caveat: RegExp, results: RegExp])[] = [
  [/^precision and recall/, /^(precision|recall|f_score)$/],
  [/^(KD|KID)\b/, /^kernel_/],
  [/^Inception Score/, /^inception_score/],
  [/^sFID/, /^spatial_/],
  [/^CMMD/, /^clip_maximum/],
  [/^C_T/, /^data_copying/],
  [/^PSNR/, /^(psnr|ssim)$/],
]

/** A caveat about results that are not shown is left out. */
function concerns(badge: string, group: readonly SeriesMeasured[]): boolean {
  const about = CAVEATS.find(([caveat]) => caveat.test(badge))?.[1]
  return about === undefined || group.some(({ result }) => about.test(result))
}

/** How the samples were drawn, and K of their tokens. */
function madeSentences({ drawn, settings }: SeriesMeasured): string[] {
  const size = (name: string) => (typeof settings[name] === 'number' ? settings[name] : undefined)
  const codebooks = codebookWords({
    discriminative: size('discriminative_codebook'),
    codes: size('vqgan_codebook'),
  })
  return [
    ...(drawn === undefined ? [] : [`Samples are drawn by ${drawn}.`]),
    ...(codebooks === undefined ? [] : [`${codebooks}.`]),
  ]
}

const count = (n: number | undefined) => (n === undefined ? 'unknown' : n.toLocaleString('en-US'))

const setWords = ({ path, n, sha256, kind, crop }: SeriesMeasured['reference']) =>
  kind === 'statistics'
    ? `the statistics of ${path} (sha256 ${shortHash(sha256)}; crop ${crop})`
    : `m = ${count(n)} reference images of ${path} (sha256 ${shortHash(sha256)}; ${crop})`

/** Splits, subsets, seeds and neighbors, where they belong to the result. */
function settingWords({ result, settings }: SeriesMeasured): string {
  const value = (name: string) => settings[name]
  if (result.startsWith('kernel_') && value('kid_subsets') !== undefined)
    return `, the mean over ${value('kid_subsets')} random subsets of ${value('kid_subset_size')} images (seed ${value('kid_seed')})`
  if (result.startsWith('inception_score') && value('isc_splits') !== undefined)
    return `, the mean over splits (${value('isc_splits')}${value('isc_shuffle_seed') === undefined ? '' : `, shuffled with seed ${value('isc_shuffle_seed')}`})`
  if (['precision', 'recall', 'f_score'].includes(result) && value('prc_neighborhood') !== undefined)
    return `, k = ${value('prc_neighborhood')}`
  return ''
}

function errorSentences(group: readonly SeriesMeasured[]): string[] {
  const methods = new Map<string, string[]>()
  for (const how of group)
    if (how.error) methods.set(how.error, [...(methods.get(how.error) ?? []), metricWords(how.result, how)])
  return [...methods].map(([method, names]) =>
    methods.size === 1 && names.length === group.length
      ? `Errors are 1 standard error: ${method}.`
      : `Errors of ${names.join(' and ')} are 1 standard error: ${method}.`,
  )
}

/** `With n = 2: ...` keeps its small letter. */
const sentence = (badge: string) =>
  badge.startsWith('n = ') ? `With ${badge}.` : `${badge.charAt(0).toUpperCase()}${badge.slice(1)}.`
