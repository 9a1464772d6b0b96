// A measurement in shards: each extracts the features of a block of the samples and of the reference, and the last step
// measures all of them. Features are joined, not statistics, so every metric is the one of a single process to the bit.
import type { EvaluateSpec } from '../../../shared/evaluation/evaluation.ts'
import { makeFolder } from '../../bytes/index.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { scope } from '../../devices/scope.ts'
import { runEvaluate } from '../evaluation/evaluate.ts'
import { lookAtSets, type SetsToCompare } from '../evaluation/look-at-sets.ts'
import type { Shard } from './block.ts'
import { extractBlock, joinFeatures } from './join-features.ts'

/** Extracts the features of a shard to `folder`. */
export function extractShard(
  spec: EvaluateSpec,
  shard: Shard,
  folder: string,
  callbacks: RunCallbacks,
): Promise<void> {
  return scope(async (keep) => {
    const sets = await lookAtSets(spec, callbacks, keep)
    for (const set of imageSets(sets)) await extractBlock(set, sets.extractor, shard, folder, callbacks)
  })
}

/** Measures with the features of all shards. */
export async function joinEvaluation(
  spec: EvaluateSpec,
  shards: number,
  folder: string,
  callbacks: RunCallbacks,
): Promise<RunResult> {
  await makeFolder(folder)
  await scope(async (keep) => {
    const sets = await lookAtSets(spec, callbacks, keep)
    for (const set of imageSets(sets)) await joinFeatures(set, sets.extractor, shards, folder, callbacks)
  })
  return runEvaluate(spec, callbacks)
}

const imageSets = ({ samples, reference }: SetsToCompare) =>
  reference.set ? [samples, reference.set] : [samples]
