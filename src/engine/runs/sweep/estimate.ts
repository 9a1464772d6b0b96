// A sweep and known speeds of this machine -> its cost: cells, images, forward passes, and time.
import type { SweepSpec } from '../../../shared/run/run.ts'
import { namedAsIn, sweepCost, type Cell } from '../../../shared/sweep/plan.ts'
import type { SweepEstimate } from '../../../shared/sweep/sweeps.ts'
import { cellState, readSweepRecord, type CellState } from './sweep-record.ts'
import type { MeasuringSpeed, SamplingSpeed, Speeds } from './speed.ts'
import { plannedCells } from './sweep.ts'

/** Speeds of batches that differ by more than this factor are not comparable. */
const LIKE_BATCH = 2
const CELLS_AT_ONCE = 16

/** Throws RequestError for invalid axes. */
export async function estimateSweep(spec: SweepSpec, speeds: Speeds): Promise<SweepEstimate> {
  const cells = namedAsIn((await readSweepRecord(spec.out))?.cells ?? [], plannedCells(spec))
  const states: CellState[] = []
  for (let from = 0; from < cells.length; from += CELLS_AT_ONCE)
    states.push(
      ...(await Promise.all(
        cells.slice(from, from + CELLS_AT_ONCE).map((cell) => cellState(spec.out, cell)),
      )),
    )
  const isFinished = (i: number) => isCellFinished(cells[i]!, states[i]!, spec.measure !== undefined)
  const open = cells.map((cell, i) => ({ cell, state: states[i]! })).filter((_, i) => !isFinished(i))
  const cost = { ...sweepCost(cells), finished: cells.length - open.length }
  if (open.length === 0) return { ...cost, seconds: 0, basis: 'everything is already finished' }

  const sampled = open.map(({ cell, state }) => {
    const speed = likest(cell, speeds.sampling)
    const left = Math.max(0, cell.spec.count - state.images)
    return { speed, seconds: left === 0 ? 0 : speed ? left * secondsOfImage(cell, speed) : undefined }
  })
  if (sampled.some(({ seconds }) => seconds === undefined))
    return { ...cost, basis: 'no finished run to estimate the speed of these settings' }
  const words = [...new Set(sampled.flatMap(({ speed }) => speed?.words ?? []))].slice(0, 1)
  const sampling = sampled.reduce((sum, { seconds = 0 }) => sum + seconds, 0)
  if (!spec.measure) return { ...cost, seconds: sampling, basis: `based on ${words.join()}` }
  const { protocol, confidence = false } = spec.measure
  const alike = speeds.measuring.filter((speed) => speed.protocol === protocol)
  const measured = alike.find((speed) => speed.confidence === confidence) ?? alike[0]
  if (!measured) return { ...cost, basis: `no finished measurement to estimate the speed of ${protocol}` }
  const measuring = open.reduce(
    (sum, { cell }) => sum + secondsOfMeasuring(cell.spec.count, measured),
    measured.once,
  )
  const without = confidence && !measured.confidence ? ', excluding the time for errors' : ''
  return {
    ...cost,
    seconds: sampling + measuring,
    basis: `based on ${words.join() || 'earlier measurements'}${without}`,
  }
}

/** Whether a cell has all its images and its measurement. */
export const isCellFinished = ({ spec }: Cell, { images, stamp }: CellState, measured: boolean): boolean =>
  images >= spec.count && (!measured || (stamp?.samples.n ?? 0) >= spec.count)

/** The most comparable speed: same models, device and stage 2; then by precision, then by batch size. */
function likest({ spec }: Cell, speeds: readonly SamplingSpeed[]): SamplingSpeed | undefined {
  const batch = Math.min(spec.batchSize, spec.count)
  const away = (speed: SamplingSpeed) => Math.abs(Math.log(speed.batch / batch))
  const alike = speeds.filter(
    (speed) =>
      speed.spec.model === spec.model &&
      speed.spec.device === spec.device &&
      speed.spec.stage2 === spec.stage2 &&
      away(speed) <= Math.log(LIKE_BATCH) + 1e-9,
  )
  const samePrecision = alike.filter((speed) => speed.spec.weightBits === spec.weightBits)
  const among = samePrecision.length > 0 ? samePrecision : alike
  return [...among].sort((a, b) => away(a) - away(b))[0]
}

/** The time of masked decoding is proportional to its steps. */
function secondsOfImage({ spec }: Cell, { stage1, stage2, rest, spec: before }: SamplingSpeed): number {
  const steps = spec.stage2 === 'nar' ? spec.masked.steps / before.masked.steps : 1
  return stage1 + stage2 * steps + rest
}

const secondsOfMeasuring = (n: number, speed: MeasuringSpeed) => speed.seconds * Math.max(1, n / speed.n)
