// One engine process as the shell holds it, whichever kind of process it is.
import type { MessagePortMain } from 'electron'
import type { RemoteHostApi } from '../shared/contract/calls.ts'
import type { EngineProcess, EngineStart, HostEvents } from '../shared/contract/keep-engine.ts'
import type { Channel } from '../shared/rpc/channel.ts'
import { connect } from '../shared/rpc/client.ts'

export interface HostedEngine extends EngineProcess {
  /** The shell's own line, which is always the first. */
  readonly host: RemoteHostApi
  /** Told once, when the process is there. */
  onStart(listener: () => void): void
  /** Told once, when its code is loaded and it speaks. */
  onLoaded(listener: () => void): void
  /** What it prints, in pieces of text. */
  onOutput(listener: (text: string) => void): void
  /** Joins the engine's end of a page's port. */
  joinPort(port: MessagePortMain): void
}

export type BeginEngine = (options: EngineStart) => HostedEngine

/** The first line of an engine. */
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
