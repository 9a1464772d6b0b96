// A sweep in shards: with fewer shards than cells each makes whole cells, else each makes a shard of one cell.
import { join } from 'node:path'
import type { SweepSpec } from '../../../shared/run/run.ts'
import type { Cell } from '../../../shared/sweep/plan.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { runSample } from '../sample.ts'
import { joinSample } from './join-images.ts'
import { cellEvaluation, cellSample, cellsOf, runSweep } from '../sweep/sweep.ts'
import type { Shard } from './block.ts'
import { extractShard, joinEvaluation } from './evaluate-shards.ts'

/** A shard of a cell. */
interface CellShard extends Shard {
  readonly cell: Cell
}

const shardsOfCell = (cells: number, shards: number) => Math.max(1, Math.floor(shards / cells))

/** What one task makes; nothing if there are more tasks than work. */
function cellShards(cells: readonly Cell[], { shards, shard }: Shard): CellShard[] {
  const each = shardsOfCell(cells.length, shards)
  const all = cells.flatMap((cell) =>
    Array.from({ length: each }, (_, shard) => ({ cell, shards: each, shard })),
  )
  return all.filter((_, i) => i % shards === shard)
}

/** Samples the images of a shard. */
export async function sampleCells(spec: SweepSpec, shard: Shard, callbacks: RunCallbacks): Promise<void> {
  for (const { cell, shards, shard: own } of cellShards(await cellsOf(spec), shard))
    await runSample({ ...cellSample(spec, cell), shards, shard: own }, callbacks)
}

/** Extracts the features of a shard to `folder`. */
export async function extractCells(
  spec: SweepSpec,
  shard: Shard,
  folder: string,
  callbacks: RunCallbacks,
): Promise<void> {
  for (const { cell, ...own } of cellShards(await cellsOf(spec), shard)) {
    const evaluation = cellEvaluation(spec, cell)
    if (evaluation) await extractShard(evaluation, own, join(folder, cell.name), callbacks)
  }
}

/** Completes the cells of a shard: their records and tables of all images. */
export async function indexCells(
  spec: SweepSpec,
  { shards, shard }: Shard,
  callbacks: RunCallbacks,
): Promise<void> {
  const cells = await cellsOf(spec)
  for (const [i, cell] of cells.entries())
    if (i % shards === shard)
      await joinSample(cellSample(spec, cell), shardsOfCell(cells.length, shards), callbacks)
}

/** Measures every cell with the features of its shards, and writes the table. */
export async function joinSweep(
  spec: SweepSpec,
  shards: number,
  folder: string,
  callbacks: RunCallbacks,
): Promise<RunResult> {
  const each = shardsOfCell((await cellsOf(spec)).length, shards)
  return runSweep(spec, callbacks, async (spec, cell, callbacks) => {
    const evaluation = cellEvaluation(spec, cell)
    if (evaluation) await joinEvaluation(evaluation, each, join(folder, cell.name), callbacks)
  })
}
