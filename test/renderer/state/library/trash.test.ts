// The trash dialog: what is removed while it is open appears in it.
import { beforeEach, expect, it } from 'vitest'
import type { EngineEvents } from '../../../../src/shared/contract/api.ts'
import { problems } from '../../../../src/renderer/state/app/problems.ts'
import { followEngine } from '../../../../src/renderer/state/app/session.ts'
import { openTrash, trashed, trashShown } from '../../../../src/renderer/state/library/trash.ts'

const listeners: Partial<EngineEvents> = {}
/** Answers of the engine, in the order of the questions, given when the test says so. */
const asked: ((ids: readonly string[] | Error) => void)[] = []
const answered = <T>(map: (id: string) => T): Promise<T[]> =>
  new Promise((resolve, reject) =>
    asked.push((ids) => (ids instanceof Error ? reject(ids) : resolve(ids.map(map)))),
  )
followEngine({
  api: {
    listTrash: () => answered((id) => ({ id })),
    listMeasurements: async () => [],
    listEvaluations: async () => [],
    listImageSets: async () => [],
    listProtocols: async () => [],
  } as never,
  on: (event, listener) => void (listeners[event] = listener),
  onState: () => {},
})
const shown = () => trashed.value?.map(({ id }) => id)

beforeEach(() => {
  asked.length = 0
  trashShown.value = false
  problems.value = []
})

it.each(['runRemoved', 'sweepRemoved', 'verdictRemoved'] as const)(
  'a trash opened before a removal is done shows it afterwards (%s)',
  async (event) => {
    void openTrash()
    asked[0]!([])
    await expect.poll(shown).toEqual([])
    listeners[event]!('a')
    asked[1]!(['a'])
    await expect.poll(shown).toEqual(['a'])
  },
)

it('an answer that a later one has overtaken is dropped', async () => {
  void openTrash()
  listeners.runRemoved!('a')
  asked[1]!(['a'])
  await expect.poll(shown).toEqual(['a'])
  asked[0]!([])
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(shown()).toEqual(['a'])
})

it('a trash that cannot be read is a problem, not an empty trash', async () => {
  void openTrash()
  asked[0]!(new Error('EACCES'))
  await expect.poll(() => problems.value.length).toBe(1)
  expect(shown()).toBeUndefined()
  expect(trashShown.value).toBe(false)
})

it('nothing is read while the trash is closed', () => {
  listeners.runRemoved!('a')
  expect(asked).toEqual([])
})
