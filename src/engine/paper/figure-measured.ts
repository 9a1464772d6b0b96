// Series of measurement files -> series of points, with the protocol of the measurements.
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { fileProblem } from '../bytes/index.ts'
import type { Stamp } from '../../shared/evaluation/evaluation.ts'
import { drawnTogether, howMeasured } from '../../shared/evaluation/how-measured.ts'
import { resultError } from '../../shared/evaluation/result-error.ts'
import { resultName } from '../../shared/figures/metric-words.ts'
import type { Measured, PanelOf, Series } from '../../shared/figures/panels.ts'
import { protocolText } from '../../shared/evaluation/protocol-text.ts'
import { lastListed } from '../records/stamps.ts'

/** The chart with explicit points. Throws RequestError with the file and what it lacks. */
export async function chartWithMeasured(panel: PanelOf<'chart'>, folder: string): Promise<PanelOf<'chart'>> {
  const series: Series[] = []
  for (const one of panel.series) {
    const { measured, ...rest } = one
    if (measured && one.points.length > 0)
      throw new RequestError(`series '${one.label}': has both points and measurements (expected one of them)`)
    series.push(measured ? { ...rest, ...(await pointsOf(measured, one.label, folder)) } : one)
  }
  return { ...panel, series }
}

async function pointsOf(
  { protocol, files, x, y }: Measured,
  label: string,
  folder: string,
): Promise<Pick<Series, 'points' | 'errors' | 'protocol' | 'how'>> {
  const points: [number, number][] = []
  const errors: number[] = []
  const protocols = new Set<string>()
  const ways: NonNullable<Series['how']>[] = []
  for (const { file, x: place } of files) {
    const path = resolve(folder, file)
    const stamp = await measuredWith(path, protocol)
    const result = (name: string): number => {
      const value = stamp.results[resultName(name, protocol)]
      if (value === undefined)
        throw new RequestError(
          `${path}: no ${name} measured with ${protocol} (found ${Object.keys(stamp.results).join(', ')})`,
        )
      return value
    }
    if (place === undefined && x === undefined)
      throw new RequestError(`series '${label}': x value of ${file} is missing`)
    points.push([place ?? result(x!), result(y)])
    const error = resultError(stamp, resultName(y, protocol))
    errors.push(error?.error ?? 0)
    ways.push({
      ...howMeasured(stamp),
      result: resultName(y, protocol),
      ...(error ? { error: error.method } : {}),
    })
    protocols.add(protocolText(stamp))
  }
  if (protocols.size > 1)
    throw new RequestError(
      `series '${label}': values of different protocols cannot be connected: ${[...protocols].join(' | ')}`,
    )
  return {
    points,
    protocol: [...protocols][0]!,
    how: { ...ways[0]!, ...drawnTogether(ways) },
    ...(errors.some((error) => error > 0) ? { errors } : {}),
  }
}

async function measuredWith(path: string, protocol: Measured['protocol']): Promise<Stamp> {
  await access(path).catch((error: Error) => {
    throw new RequestError(`${path}: cannot be read (${fileProblem(error)})`)
  })
  const stamp = await lastListed(path, ({ metric }) => metric === protocol)
  if (!stamp) throw new RequestError(`${path}: no measurement with ${protocol}`)
  return stamp
}
