// What a page requested while a run was in the trash is requested again when the run is back.
import { afterAll, expect, it } from 'vitest'
import type { EngineEvents } from '../../../../src/shared/contract/api.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import { imagesOf } from '../../../../src/renderer/state/images/images.ts'
import { pictureOf } from '../../../../src/renderer/state/images/pictures.ts'
import { recordOf } from '../../../../src/renderer/state/images/records.ts'
import { problems } from '../../../../src/renderer/state/app/problems.ts'
import { followEngine } from '../../../../src/renderer/state/app/session.ts'

const listeners: Partial<EngineEvents> = {}
let inTrash = true
const found = <T>(value: T) => {
  if (inTrash) return Promise.reject(new Error('run not found'))
  return Promise.resolve(value)
}
const nothing = async () => []
followEngine({
  api: {
    listImages: () => found([{ image: 0 }]),
    readImage: () => found(Uint8Array.of(1)),
    readRecord: () => found({ codes: [] }),
    listMeasurements: nothing,
    listEvaluations: nothing,
    listImageSets: nothing,
    listProtocols: nothing,
  } as never,
  on: (event, listener) => void (listeners[event] = listener),
  onState: () => {},
})
afterAll(() => void (problems.value = []))
const done = { state: 'done' }

it.each([
  [
    'a run',
    'a',
    () => listeners.runChanged!({ id: 'a', finished: 1, started: '', status: done } as WorkspaceRun),
  ],
  [
    'a cell of a sweep',
    'b@cell',
    () => listeners.sweepChanged!({ id: 'b', started: '', status: done } as never),
  ],
  [
    'a setting of a verdict',
    'c@setting',
    () => listeners.verdictChanged!({ id: 'c', started: '', status: done } as never),
  ],
])('%s', async (_, run, comesBack) => {
  inTrash = true
  const all = () => [imagesOf(run)?.length, pictureOf(run, 0), recordOf(run, 0)]
  await expect.poll(all).toMatchObject([0, { problem: 'run not found' }, { problem: 'run not found' }])
  inTrash = false
  comesBack()
  await expect
    .poll(all)
    .toMatchObject([1, { url: expect.stringContaining('blob:') as string }, { details: { codes: [] } }])
})
