// Every use of fairseq's decoder, and the comparison of its logits with those of the original code.
import { expect } from 'vitest'
import type { OpenModels, OpenTransformer } from '../../../src/engine/model-set/open-models.ts'
import { sequenceGraph } from '../../../src/engine/models/transformer-graphs.ts'
import { tensor, type Provider } from '../../../src/engine/session/index.ts'
import { maxDifference, reference, runGraph, values } from './run-graph.ts'

/** The issue allows 2e-3; sums in another order differ by some 1e-6 of logits near 1, and nothing else should. */
export const LOGIT_TOLERANCE = 1e-4

/** Of both images, and their classes. */
export interface OfficialTokens {
  readonly sem: number[][]
  readonly vq: number[][]
  readonly narInput: number[][]
  readonly classes: number[]
}

export async function officialTokens(): Promise<OfficialTokens> {
  const grids = async (name: string) => {
    const flat = Array.from(await reference(name))
    return [0, 1].map((i) => flat.slice(i * 256, (i + 1) * 256))
  }
  return {
    sem: await grids('sem_tokens'),
    vq: await grids('vq_tokens'),
    narInput: await grids('nar_input_vq'),
    classes: Array.from(await reference('cls_ids')),
  }
}

export const symbols = (tokens: readonly number[]) => tokens.map((token) => token + 5)
export const prefixOf = ({ config }: OpenTransformer, tokens: readonly number[]) =>
  tokens.map((token) => token + 5 + config.vocabulary + 5)

type Ids = (tokens: OfficialTokens, model: OpenTransformer, image: number) => number[]
type Role = 'stage1' | 'stage1Class' | 'stage2Ar' | 'stage2Nar' | 'vqAr'
/** Role, reference array, first position it covers, and the ids that go in for an image. */
type Use = readonly [role: Role, name: string, from: number, idsOf: Ids]
export const uses: readonly Use[] = [
  ['stage1', 'stage1_logits', 0, ({ sem }, _, i) => [2, ...symbols(sem[i]!)]],
  [
    'stage1Class',
    'stage1_cls_logits',
    0,
    ({ sem, classes }, { config }, i) => [classes[i]! + config.vocabulary + 5, ...symbols(sem[i]!)],
  ],
  [
    'stage2Ar',
    'stage2_logits',
    256,
    ({ sem, vq }, model, i) => [...prefixOf(model, sem[i]!), 2, ...symbols(vq[i]!)],
  ],
  [
    'stage2Nar',
    'nar_logits',
    257,
    ({ sem, narInput }, model, i) => [
      ...prefixOf(model, sem[i]!),
      2,
      ...narInput[i]!.map((token) => (token < 0 ? 3 : token + 5)),
    ],
  ],
  ['vqAr', 'vq_ar_logits', 0, ({ vq }, _, i) => [2, ...symbols(vq[i]!)]],
]

interface Pass {
  readonly provider: Provider
  readonly images: readonly number[]
  /**
   * Of the covered positions, unless every position reads every other. Later ones do not change the logits of a causal
   * model. @default all
   */
  readonly positions?: number
}

export async function expectOfficialLogits(
  models: OpenModels,
  tokens: OfficialTokens,
  [role, name, from, idsOf]: Use,
  { provider, images, positions }: Pass,
): Promise<void> {
  const model = await models.open(role)
  const whole = images.map((image) => idsOf(tokens, model, image))
  const isCut = positions !== undefined && role !== 'stage2Nar'
  const length = isCut ? from + positions : whole[0]!.length
  const ids = whole.map((row) => row.slice(0, length))
  const { logits } = await runGraph(
    sequenceGraph(model),
    { ids: tensor('i64', ids.flat(), [images.length, length]) },
    provider,
  )
  const all = values(logits)
  const V = model.config.vocabulary + 5
  const expected = await reference(name)
  for (const image of images) {
    const found = all.slice((image * length + from) * V, (image + 1) * length * V)
    const start = (image * expected.length) / 2
    expect(found.length).toBeGreaterThan(0)
    expect(maxDifference(found, expected.slice(start, start + found.length))).toBeLessThan(LOGIT_TOLERANCE)
  }
}
