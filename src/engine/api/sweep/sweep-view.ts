// A sweep on disk -> its description for a page: no paths, and a state derived only from its files.
import type { Stamp } from '../../../shared/evaluation/evaluation.ts'
import { howMeasured } from '../../../shared/evaluation/how-measured.ts'
import { knownErrors } from '../../../shared/evaluation/result-error.ts'
import { protocolText } from '../../../shared/evaluation/protocol-text.ts'
import type { RunStatus, SweepSpec } from '../../../shared/run/run.ts'
import { AXIS_NAMES, isPathAxis, withDrawerFile, type AxisName } from '../../../shared/sweep/axes.ts'
import { folderWord } from '../../../shared/sweep/plan.ts'
import type { SweepMeasure } from '../../../shared/sweep/spec.ts'
import type { SweepPoint, SweptCheckpoint, WorkspaceSweep } from '../../../shared/sweep/sweeps.ts'
import { isCellFinished } from '../../runs/sweep/estimate.ts'
import type { CellState, SweepRecord } from '../../runs/sweep/sweep-record.ts'
import { namedAsIn } from '../../../shared/sweep/plan.ts'
import { plannedCells } from '../../runs/sweep/sweep.ts'
import { demoPictures } from '../../workspace/image-sets.ts'
import { askedFields } from '../runs/run-view.ts'

/** The name of a sweep's checkpoint on pages. */
export const checkpointKey = (path: string): string => folderWord(path).replace(/^-/, '')

export function sweepForPage(
  id: string,
  record: SweepRecord,
  states: readonly CellState[],
  live: RunStatus | undefined,
  elsewhere: string | undefined,
): WorkspaceSweep {
  const { spec, cells, checkpoints, started } = record
  const finished = finishedCells(spec, states)
  return Object.freeze({
    id,
    started,
    axes: axesOf(cells),
    checkpoints: Object.fromEntries(
      Object.entries(checkpoints).map(([path, { sha256: _, ...training }]): [string, SweptCheckpoint] => [
        checkpointKey(path),
        { name: checkpointName(path), ...training },
      ]),
    ),
    base: askedFields(spec.base).request!,
    ...(spec.measure ? { measure: measureForPage(spec.measure) } : {}),
    cells: cells.length,
    finished,
    status: live ?? statusFromDisk(finished, cells.length, elsewhere),
    ...(elsewhere && !live ? { elsewhere: true } : {}),
  })
}

/** Counts finished cells; cells that only earlier requests contained count as finished. */
function finishedCells(spec: SweepSpec, states: readonly CellState[]): number {
  const asked = new Map(namedAsIn(states, plannedCells(spec)).map((cell) => [cell.name, cell]))
  return states.filter((state) => {
    const cell = asked.get(state.name)
    return !cell || isCellFinished(cell, state, spec.measure !== undefined)
  }).length
}

function statusFromDisk(finished: number, cells: number, elsewhere: string | undefined): RunStatus {
  if (elsewhere) return { state: 'running', step: finished, of: cells, note: `in use by ${elsewhere}` }
  if (finished < cells) return { state: 'cancelled', finished }
  return { state: 'done', finished, summary: `${cells} cells` }
}

/** All values of the cells, numbers ascending. */
function axesOf(cells: SweepRecord['cells']): WorkspaceSweep['axes'] {
  return AXIS_NAMES.flatMap((name) => {
    const found = [...new Set(cells.flatMap((cell) => cell.values[name] ?? []))]
    const values = found.map((value) => forPage(name, value))
    if (values.length === 0) return []
    return [{ name, values: values.sort((a, b) => (typeof a === 'number' ? a - Number(b) : 0)) }]
  })
}

function forPage(axis: AxisName, value: number | string): number | string {
  if (typeof value === 'number') return value
  return isPathAxis(axis) ? checkpointKey(value) : withDrawerFile(value, checkpointKey)
}

export function pointForPage(id: string, { name, values, images, stamp }: CellState): SweepPoint {
  return Object.freeze({
    run: `${id}@${name}`,
    values: valuesForPage(values),
    images,
    ...(stamp ? { measured: measuredForPage(stamp) } : {}),
  })
}

export const valuesForPage = (values: CellState['values']): SweepPoint['values'] =>
  Object.fromEntries(
    Object.entries(values).map(
      ([axis, value]) => [axis as AxisName, forPage(axis as AxisName, value)] as const,
    ),
  )

export const measuredForPage = (stamp: Stamp): NonNullable<SweepPoint['measured']> => ({
  ...howMeasured(stamp),
  results: stamp.results,
  protocol: protocolText(stamp),
  n: stamp.samples.n ?? 0,
  errors: knownErrors(stamp),
  ...(stamp.floor ? { floor: stamp.floor } : {}),
})

/** `demo_stage1/checkpoint_last.pt`: the folder `checkpoints` of fairseq in between is omitted. */
function checkpointName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== 'checkpoints')
  return parts.slice(-2).join('/')
}

const measureForPage = ({ protocol, reference, confidence }: SweepMeasure) => ({
  protocol,
  reference: referenceWords(reference),
  ...(confidence ? { confidence } : {}),
})
export const referenceWords = (path: string): string =>
  path === demoPictures() ? 'Demo pictures' : path.split(/[\\/]/).slice(-1).join()
