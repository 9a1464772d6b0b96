// One task of a submission -> its part of the work, by the recipes that also run here.
//   SUBMISSION/parts/...     what a part makes for the next phase; the results are in the folder of the run
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type {
  KMeansSpec,
  ReconstructSpec,
  RunSpec,
  SampleSpec,
  SweepSpec,
  TokenizeSpec,
} from '../../shared/run/run.ts'
import type { EvaluateSpec } from '../../shared/evaluation/evaluation.ts'
import type { PartName, Phase, Submission } from '../../shared/slurm/submission.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { runAtlas } from '../runs/atlas/atlas.ts'
import { runImportTokens } from '../runs/import-tokens.ts'
import { runReconstruct } from '../runs/reconstruct.ts'
import { runSample } from '../runs/sample.ts'
import type { Shard } from '../runs/shards/block.ts'
import { extractShard, joinEvaluation } from '../runs/shards/evaluate-shards.ts'
import { joinReconstruction, joinSample } from '../runs/shards/join-images.ts'
import { joinTokens } from '../runs/shards/join-tokens.ts'
import { assignShard, encodeShardOf, reduceShards } from '../runs/shards/kmeans-shards.ts'
import { extractCells, indexCells, joinSweep, sampleCells } from '../runs/shards/sweep-shards.ts'
import { runTokenize } from '../runs/tokenize.ts'

interface Task {
  readonly spec: RunSpec
  /** Of this phase; for a single task, the whole. */
  readonly shard: Shard
  /** Shards of the phases before. */
  readonly shards: number
  /** No phase of this specification follows. */
  readonly isLast: boolean
  /** For what the next phase of this specification needs. */
  readonly parts: string
  readonly callbacks: RunCallbacks
}

const shardFolder = (parts: string, shard: number) => join(parts, `tokens-${String(shard).padStart(4, '0')}`)

const PARTS: Readonly<Record<PartName, (task: Task) => Promise<RunResult | void>>> = {
  sample: ({ spec, shard, callbacks }) => runSample({ ...(spec as SampleSpec), ...shard }, callbacks),
  reconstruct: ({ spec, shard, callbacks }) => runReconstruct(spec as ReconstructSpec, callbacks, shard),
  tokenize: ({ spec, shard, parts, callbacks }) =>
    runTokenize({ ...(spec as TokenizeSpec), out: shardFolder(parts, shard.shard) }, callbacks, shard),
  encode: ({ spec, shard, callbacks }) => encodeShardOf(spec as KMeansSpec, shard, callbacks),
  assign: ({ spec, shard, parts, callbacks }) => assignShard(spec as KMeansSpec, shard, parts, callbacks),
  reduce: (task) => reduce(task),
  cells: ({ spec, shard, callbacks }) => sampleCells(spec as SweepSpec, shard, callbacks),
  'cell-index': ({ spec, shard, callbacks }) => indexCells(spec as SweepSpec, shard, callbacks),
  'cell-features': ({ spec, shard, parts, callbacks }) =>
    extractCells(spec as SweepSpec, shard, parts, callbacks),
  features: ({ spec, shard, parts, callbacks }) =>
    extractShard(spec as EvaluateSpec, shard, parts, callbacks),
  join: (task) => joinOf(task),
}

async function reduce({ spec, shards, isLast, parts, callbacks }: Task): Promise<RunResult | void> {
  const result = await reduceShards(spec as KMeansSpec, shards, parts, callbacks)
  if (!result && isLast) throw new RequestError(`${parts}: a pass of the K-Means is missing`)
  if (result) await rm(parts, { recursive: true, force: true })
  return result
}

async function joinOf(task: Task): Promise<RunResult | void> {
  const result = await joined(task)
  // The whole has it now.
  await rm(task.parts, { recursive: true, force: true })
  return result
}

async function joined({ spec, shards, parts, callbacks }: Task): Promise<RunResult | void> {
  if (spec.kind === 'evaluate') return joinEvaluation(spec, shards, parts, callbacks)
  if (spec.kind === 'sweep') return joinSweep(spec, shards, parts, callbacks)
  if (spec.kind === 'atlas') return runAtlas(spec, callbacks)
  if (spec.kind === 'import-tokens') return runImportTokens(spec, callbacks)
  if (spec.kind === 'sample') return joinSample(spec, shards, callbacks)
  if (spec.kind === 'reconstruct') return joinReconstruction(spec, shards, callbacks)
  if (spec.kind !== 'tokenize') return
  await joinTokens(
    spec.out,
    Array.from({ length: shards }, (_, shard) => shardFolder(parts, shard)),
  )
  return runTokenize(spec, callbacks)
}

/** Performs a task. Finished parts are files, so that a task which was stopped anywhere resumes. */
export async function performTask(
  { specs, phases, placement }: Submission,
  { name, part, spec, tasks }: Phase,
  task: number,
  folder: string,
  callbacks: RunCallbacks,
): Promise<RunResult | void> {
  const divided = phases.find((phase) => phase.spec === spec && phase.tasks > 1)
  return PARTS[part]({
    spec: specs[spec]!,
    shard: { shards: tasks, shard: task },
    shards: divided?.tasks ?? placement.shards,
    isLast: phases.findLast((phase) => phase.spec === spec)!.name === name,
    parts: join(folder, 'parts', String(spec)),
    callbacks,
  })
}
