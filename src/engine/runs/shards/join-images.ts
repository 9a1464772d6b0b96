// Images of all shards in the folder of their run -> the record and the index of the whole run.
import type { ReconstructSpec, SampleSpec } from '../../../shared/run/run.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { shardSuffix } from '../../records/run-folder.ts'
import { removeRunIndex } from '../../records/run-index.ts'
import { runReconstruct } from '../reconstruct.ts'
import { runSample } from '../sample.ts'

/** Makes what is missing, too. */
export async function joinSample(
  spec: SampleSpec,
  shards: number,
  callbacks: RunCallbacks,
): Promise<RunResult> {
  const result = await runSample(spec, callbacks)
  await removeShards(spec.out, shards)
  return result
}

/** The same for a reconstruction. */
export async function joinReconstruction(
  spec: ReconstructSpec,
  shards: number,
  callbacks: RunCallbacks,
): Promise<RunResult> {
  const result = await runReconstruct(spec, callbacks)
  await removeShards(spec.out, shards)
  return result
}

/** The index of the whole has all that those of the shards have; their records stay. */
async function removeShards(folder: string, shards: number): Promise<void> {
  if (shards > 1)
    for (let shard = 0; shard < shards; shard++) await removeRunIndex(folder, shardSuffix(shard, shards))
}
