// One engine process of the shell, of either kind.
import type { MessagePortMain } from 'electron'
import type { RemoteHostApi } from '../shared/contract/calls.ts'
import type { EngineProcess, EngineStart, HostEvents } from '../shared/contract/keep-engine.ts'
import type { Channel } from '../shared/rpc/channel.ts'
import { connect } from '../shared/rpc/client.ts'

export interface HostedEngine extends EngineProcess {
  /** The shell's own channel, which is always the first. */
  readonly host: RemoteHostApi
  /** Called once, when the process has started. */
  onStart(listener: () => void): void
  /** Called once, when its code is loaded and it has sent a message. */
  onLoaded(listener: () => void): void
  /** Its output, in pieces of text. */
  onOutput(listener: (text: string) => void): void
  /** Connects a page's port to the engine. */
  joinPort(port: MessagePortMain): void
}

export type BeginEngine = (options: EngineStart) => HostedEngine

/** The first channel of an engine. */
export function hostLine(channel: Channel): Pick<HostedEngine, 'host' | 'onLoaded' | 'usesModels'> {
  const listeners = new Set<() => void>()
  let inUse = true
  const host = connect<RemoteHostApi, HostEvents>(channel, {
    event(name, ...args) {
      if (name === 'modelsInUse') inUse = args[0] as boolean
      else listeners.forEach((listener) => listener())
    },
    closed: () => {},
  })
  return { host, onLoaded: (listener) => void listeners.add(listener), usesModels: () => inUse }
}
