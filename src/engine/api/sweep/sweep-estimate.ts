// Cost of a sweep, for hosts on this machine: from finished runs, or from a short trial run if there are
// none.
import { dirname, join } from 'node:path'
import type { SweepSpec } from '../../../shared/run/run.ts'
import type { SweepEstimate } from '../../../shared/sweep/sweeps.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { estimateSweep } from '../../runs/sweep/estimate.ts'
import { joined, speedsIn, trySweep } from '../../runs/sweep/speed.ts'
import { cellFolder, workspaceFolder } from '../../records/workspace.ts'

/** Rejects with the signal's reason when it is aborted. */
export async function sweepEstimate(
  spec: SweepSpec,
  callbacks: Pick<RunCallbacks, 'signal' | 'progress'>,
): Promise<SweepEstimate> {
  const folders = [cellFolder(spec.out, ''), dirname(spec.out), join(workspaceFolder(), 'runs')]
  const known = joined(await Promise.all(folders.map((folder) => speedsIn(folder))))
  const estimate = await estimateSweep(spec, known)
  if (estimate.seconds !== undefined) return estimate
  return estimateSweep(spec, joined([await trySweep(spec, callbacks), known]))
}
