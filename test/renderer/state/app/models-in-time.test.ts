// What the engine says while it makes the snapshot stays on the page.
import { expect, it, vi } from 'vitest'
import type { EngineEvents } from '../../../../src/shared/contract/api.ts'
import type { ConnectionState } from '../../../../src/renderer/engine.ts'

it('models that were found while the snapshot was made stay', async () => {
  vi.stubGlobal('location', { hash: '#/models' })
  vi.stubGlobal('history', { pushState() {}, replaceState() {} })
  const { app, followEngine } = await import('../../../../src/renderer/state/app/session.ts')
  const { modelSet } = await import('../../../../src/renderer/state/models/models-in-use.ts')
  const listeners: Partial<EngineEvents> = {}
  let become: (state: ConnectionState) => void = () => {}
  let answer: (snapshot: unknown) => void = () => {}
  const others = async () => []
  const snapshot = () => new Promise((resolve) => (answer = resolve))
  followEngine({
    api: new Proxy({} as never, { get: (_, name) => (name === 'snapshot' ? snapshot : others) }),
    on: (event, listener) => void (listeners[event] = listener),
    onState: (listener) => void (become = listener),
  })
  become('connected')
  const found = { files: [], set: {}, classNames: [] } as never
  listeners.modelSetChanged!(found)
  answer({
    opened: { sources: [], choice: {}, candidates: {} },
    selfTest: {},
    runs: [],
    favourites: [],
    app: {},
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(app.value).toEqual({})
  expect(modelSet.value).toBe(found)
})
