// The engine for a page at the other end of a channel: every call of the contract, every event.
import { dirname } from 'node:path'
import type { EngineApi, EngineEvents } from '../../shared/contract/api.ts'
import { ENGINE_CALLS } from '../../shared/contract/calls.ts'
import { ENGINE_EVENTS } from '../../shared/contract/events.ts'
import type { Channel } from '../../shared/rpc/channel.ts'
import { serve } from '../../shared/rpc/serve.ts'
import { withoutFolders } from './folders.ts'
import type { Engine } from './index.ts'

type Send = <E extends keyof EngineEvents>(event: E, ...args: Parameters<EngineEvents[E]>) => void

/** Serves until the channel closes. Returns a function that sends an event only to this page. */
export function servePage(
  channel: Channel,
  engine: Pick<Engine, 'on' | 'workspace'> & { readonly api: EngineApi },
): Send {
  // A page sees no paths: what is in the workspace is named from there.
  const hidden = [engine.workspace, dirname(engine.workspace)]
  const send = serve<EngineApi, EngineEvents>(
    channel,
    engine.api,
    ENGINE_CALLS,
    () => silence.forEach((stop) => stop()),
    (message) => withoutFolders(message, hidden),
  )
  const silence = ENGINE_EVENTS.map((event) =>
    engine.on(event, (...args: Parameters<EngineEvents[typeof event]>) => send(event, ...args)),
  )
  return send
}
