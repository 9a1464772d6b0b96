// What sequences of the official models start with, and the greedy grids of the original code.
import type { Sequence } from '../../../src/engine/decoding/autoregressive.ts'
import type { OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { reference } from '../models/run-graph.ts'

export const GREEDY = { temperature: 1, topK: 1, topP: 0 }

export const roles = ['stage1', 'stage1Class', 'stage2Ar'] as const
export type GreedyRole = (typeof roles)[number]
const greedyName = { stage1: 'stage1_greedy', stage1Class: 'stage1_cls_greedy', stage2Ar: 'stage2_greedy' }

export const greedyTokens = async (role: GreedyRole): Promise<number[]> =>
  Array.from(await reference(greedyName[role]))

/** The discriminative tokens of image 0. */
export const semanticTokens = async (): Promise<number[]> =>
  Array.from((await reference('sem_tokens')).slice(0, 256))

/** What a sequence of each kind starts with. */
export async function greedyStarts(models: OpenModels): Promise<(role: GreedyRole) => Promise<number[]>> {
  const semantic = await semanticTokens()
  const classId = (await reference('cls_ids'))[0]!
  return async (role) => {
    const { config } = await models.open(role)
    if (role === 'stage1') return [2]
    if (role === 'stage1Class') return [classId + config.vocabulary + 5]
    return [...semantic.map((token) => token + 5 + config.vocabulary + 5), 2]
  }
}

export const sequences = (prefix: readonly number[], images: readonly number[]): Sequence[] =>
  images.map((image) => ({ prefix, seed: 7, image, use: 'stage1' }))

/** Tokens of the vocabulary in every fifth cell, or so, and in the first `front` cells; another pattern each image. */
export const pins = (vocabulary: number, image: number, front = 0, cells = 256): number[] =>
  Array.from({ length: cells }, (_, cell) =>
    cell < front || (cell !== front && (cell * 7 + image) % 5 === 0)
      ? (cell * 31 + 17 * image) % vocabulary
      : -1,
  )
