// Every event of the contract reaches a page: names are checked by the compiler, delivery is checked here.
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { expect, it, vi } from 'vitest'
import type { EngineApi, EngineEvents } from '../../../src/shared/contract/api.ts'
import { ENGINE_EVENTS } from '../../../src/shared/contract/events.ts'
import { connect } from '../../../src/shared/rpc/client.ts'
import { portChannel } from '../../../src/shared/rpc/port-channel.ts'
import { createEngine } from '../../../src/engine/api/index.ts'
import { eventListeners } from '../../../src/engine/api/listeners.ts'
import { servePage } from '../../../src/engine/api/serve-page.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()

/** A page over a pair of ports, and every event that it hears. */
function page(engine: Parameters<typeof servePage>[1]) {
  const { port1, port2 } = new MessageChannel()
  const heard: unknown[][] = []
  const send = servePage(portChannel(port1 as never), engine)
  const api = connect<EngineApi, EngineEvents>(portChannel(port2 as never), {
    event: (name, ...args: readonly unknown[]) => void heard.push([name, ...args]),
    closed: () => {},
  })
  return { api, heard, send, close: () => port1.close() }
}

it('every event of the engine reaches every page, with its arguments', async () => {
  const { events, on } = eventListeners()
  const engine = { api: {} as EngineApi, on, workspace: folder.path }
  const pages = [page(engine), page(engine)]
  const sent = ENGINE_EVENTS.map((event, i) => [event, `${event}, ${i}`, i])
  for (const [event, ...args] of sent)
    (events[event as keyof EngineEvents] as (...args: readonly unknown[]) => void)(...args)
  for (const { heard, close } of pages) {
    await vi.waitFor(() => expect(heard).toHaveLength(ENGINE_EVENTS.length))
    expect(heard).toEqual(sent)
    close()
  }
})

it('events for the host do not reach pages, and an event can be sent to a single page', async () => {
  const { events, on } = eventListeners()
  const [one, two] = [
    page({ api: {} as EngineApi, on, workspace: folder.path }),
    page({ api: {} as EngineApi, on, workspace: folder.path }),
  ]
  events.stateChanged({} as never)
  one!.send('engineStopped', { message: 'gone', opensModels: true })
  events.runRemoved('last')
  await vi.waitFor(() => expect(two!.heard).toEqual([['runRemoved', 'last']]))
  await vi.waitFor(() => expect(one!.heard.map(([name]) => name)).toEqual(['engineStopped', 'runRemoved']))
  one!.close()
  two!.close()
})

it('a page calls a real engine, and receives its events', async () => {
  const engine = createEngine({ workspace: folder.path })
  const { api, heard, close } = page(engine)
  await engine.api.addImages([]).catch(() => {})
  expect((await api.snapshot()).runs).toEqual([])
  await vi.waitFor(() => expect(heard.map(([name]) => name)).toContain('imageSetsChanged'))
  close()
})

it('an error names files from the workspace, not from the root', async () => {
  const workspace = join(folder.path, 'written')
  folder.write('written/figures', 'a file in the place of the folder')
  const { api, close } = page(createEngine({ workspace, models: [] }))
  const chart = {
    kind: 'chart',
    x: { label: 'x' },
    y: { label: 'y' },
    series: [{ label: 'a', points: [[0, 1]] }],
  }
  await expect(api.createFigure('curve', JSON.stringify({ schema: 1, rows: [[chart]] }))).rejects.toThrow(
    /^cannot create the folder figures: a file with this name exists$/,
  )
  close()
})
