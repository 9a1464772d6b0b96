import { beforeEach, expect, it } from 'vitest'
import type { EngineEvents } from '../../../../src/shared/contract/api.ts'
import type { ConnectionState } from '../../../../src/renderer/engine.ts'
import { notices } from '../../../../src/renderer/state/app/notices.ts'
import { problems } from '../../../../src/renderer/state/app/problems.ts'
import { followEngine } from '../../../../src/renderer/state/app/session.ts'

const listeners: Partial<EngineEvents> = {}
let become: (state: ConnectionState) => void = () => {}
let snapshots = 0
followEngine({
  api: { snapshot: async () => void snapshots++ } as never,
  on: (event, listener) => void (listeners[event] = listener),
  onState: (listener) => void (become = listener),
})

beforeEach(() => {
  notices.value = []
  problems.value = []
})

it('work that was resumed is a notice; what could not be is a problem each', () => {
  listeners.workResumed!({ resumed: 2, problems: ["run 'a': already complete", "sweep 'b' not found"] })
  expect(notices.value.map(({ text }) => text)).toEqual([
    'Resumed the unfinished work of the last session (2 jobs)',
  ])
  expect(problems.value.map(({ title, text }) => [title, text])).toEqual([
    ['Could not resume unfinished work', "run 'a': already complete"],
    ['Could not resume unfinished work', "sweep 'b' not found"],
  ])
})

it('where nothing could be resumed there is no notice', () => {
  listeners.workResumed!({ resumed: 0, problems: ['gone'] })
  expect([notices.value.length, problems.value.length]).toEqual([0, 1])
})

it('everything is requested again after a lost connection, not after a silence', () => {
  const after = (state: ConnectionState): number => {
    become(state)
    become('connected')
    return snapshots
  }
  expect([after('connecting'), after('silent'), after('lost')]).toEqual([1, 1, 2])
})
