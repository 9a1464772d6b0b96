// An event that comes while the engine makes a list is newer than the list.
import { expect, it } from 'vitest'
import type { EngineApi, EngineEvents } from '../../../../src/shared/contract/api.ts'
import { inOrder } from '../../../../src/renderer/state/app/in-order.ts'

/** An engine whose answers come when `answer` or `fail` is called. */
function engine() {
  const listeners: Partial<EngineEvents> = {}
  const open: Record<string, { answer: (value: unknown) => void; fail: (error: Error) => void }> = {}
  const call = (name: string) => () => new Promise((answer, fail) => void (open[name] = { answer, fail }))
  const names = ['snapshot', 'listSweeps', 'readImage']
  const { api, on } = inOrder({
    api: Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as EngineApi,
    on: (event, listener) => void (listeners[event] = listener),
    onState: () => {},
  })
  const heard: unknown[] = []
  for (const event of ['runRemoved', 'sweepRemoved'] as const) on(event, (id) => heard.push(id))
  return { api, open, tell: listeners as Required<EngineEvents>, heard }
}
const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

it('an event is heard at once, also while an image is read', () => {
  const { api, tell, heard } = engine()
  void api.readImage('run', 0)
  tell.runRemoved('a')
  expect(heard).toEqual(['a'])
})

it('an event waits for the state that was asked for before it, and not for what was asked for later', async () => {
  const { api, open, tell, heard } = engine()
  void api.snapshot().then(() => heard.push('snapshot'))
  tell.runRemoved('a')
  void api.listSweeps().then(() => heard.push('list'))
  expect(heard).toEqual([])
  open.snapshot!.answer({})
  await soon()
  expect(heard).toEqual(['snapshot', 'a'])
  tell.sweepRemoved('b')
  open.listSweeps!.answer([])
  await soon()
  expect(heard).toEqual(['snapshot', 'a', 'list', 'b'])
})

it('events keep their order, and are heard after an answer that failed', async () => {
  const { api, open, tell, heard } = engine()
  const failed = api.listSweeps().catch((error: Error) => heard.push(error.message))
  tell.sweepRemoved('a')
  void api.snapshot()
  tell.runRemoved('b')
  open.snapshot!.answer({})
  await soon()
  expect(heard).toEqual([])
  open.listSweeps!.fail(new Error('lost'))
  await failed
  await soon()
  expect(heard).toEqual(['lost', 'a', 'b'])
})
