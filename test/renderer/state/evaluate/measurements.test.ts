// Lists of the Evaluate page: what an event brings while they are read is not lost to an older answer.
import { expect, test } from 'vitest'
import type { EngineApi } from '../../../../src/shared/contract/api.ts'
import type { Evaluation, Measurement } from '../../../../src/shared/evaluation/measurements.ts'
import { useEngine } from '../../../../src/renderer/state/app/calls.ts'
import {
  dropMeasurement,
  evaluations,
  imageSets,
  measurements,
  putEvaluation,
  putImageSets,
  putMeasurement,
  refetchMeasurements,
} from '../../../../src/renderer/state/evaluate/measurements.ts'

const measurement = (id: string, timestamp: number) => ({ id, stamp: { timestamp } }) as Measurement
const evaluation = (id: string, state: string) => ({ id, status: { state } }) as Evaluation

test('events that arrive while the lists are read are applied to them', async () => {
  let answer = () => {}
  const asked = new Promise<void>((resolve) => (answer = resolve))
  const later = <T>(listed: T) => asked.then(() => listed)
  useEngine({
    listMeasurements: () => later([measurement('old', 1), measurement('removed', 2)]),
    listEvaluations: () => later([evaluation('a', 'running'), evaluation('b', 'queued')]),
    listImageSets: () => later([]),
    listProtocols: () => Promise.resolve([]),
  } as unknown as EngineApi)
  const reading = refetchMeasurements()
  putMeasurement(measurement('new', 3))
  dropMeasurement('removed')
  putEvaluation(evaluation('a', 'done'))
  putImageSets([{ name: 'added' } as never])
  answer()
  await reading
  expect(measurements.value!.map(({ id }) => id)).toEqual(['new', 'old'])
  expect(evaluations.value.map(({ id }) => id)).toEqual(['b'])
  expect(imageSets.value.map(({ name }) => name)).toEqual(['added'])
  // What was heard then is older than a later reading.
  await refetchMeasurements()
  expect(measurements.value!.map(({ id }) => id)).toEqual(['old', 'removed'])
})
