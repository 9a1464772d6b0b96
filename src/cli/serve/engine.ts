// The engine as a forked Node process, so that the server stays responsive while onnxruntime computes.
import { fork } from 'node:child_process'
import type { RemoteHostApi } from '../../shared/contract/calls.ts'
import type { EngineProcess, EngineStart, HostEvents } from '../../shared/contract/keep-engine.ts'
import type { Channel } from '../../shared/rpc/channel.ts'
import { connect } from '../../shared/rpc/client.ts'
import { multiplex } from '../../shared/rpc/multiplex.ts'

export interface ForkedEngine extends EngineProcess {
  readonly pid: number | undefined
  /** Opens a channel for one page. */
  openLine(): Channel
}

/** `module` is the path of the built engine/api/process. */
export function forkEngine(module: string, options: EngineStart): ForkedEngine {
  const child = fork(module, [JSON.stringify(options)], { serialization: 'advanced', execArgv: [] })
  const openLine = multiplex({
    post(data) {
      // Pending calls to a process that just died are rejected when their channel closes.
      if (child.connected) child.send(data as object, () => {})
    },
    on(heard, closed) {
      child.on('message', heard)
      child.once('exit', closed)
    },
  })
  // The first channel belongs to the host; this host only listens and makes no calls.
  let inUse = true
  connect<RemoteHostApi, HostEvents>(openLine(), {
    event(name, ...args) {
      if (name === 'modelsInUse') inUse = args[0] as boolean
    },
    closed() {},
  })
  return {
    pid: child.pid,
    openLine,
    onExit(listener) {
      let told = false
      const tell = (how: string) => {
        if (!told) listener(how)
        told = true
      }
      child.once('error', ({ message }) => tell(message))
      child.once('exit', (code, signal) => tell(signal ? `signal ${signal}` : `exit code ${code}`))
    },
    usesModels: () => inUse,
    kill: () => void child.kill(),
  }
}
