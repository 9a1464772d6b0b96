// The engine under a plain Node: on Linux, where Electron's GLib and that of the image codec conflict in one process
// (docs/desktop.md). Messages go over a pipe as frames, because that Node and Electron may have different versions.
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { MessagePortMain } from 'electron'
import { byteCarrier } from '../shared/rpc/byte-carrier.ts'
import type { Channel, Message } from '../shared/rpc/channel.ts'
import { multiplex } from '../shared/rpc/multiplex.ts'
import { hostLine, type BeginEngine } from './hosted-engine.ts'

/** File number of the engine's end of the pipe, after the three standard ones. */
const PIPE = 3

export interface NodeProgram {
  /** Path or name of the program. */
  readonly node: string
  /** Path of the built engine process, outside any archive. */
  readonly module: string
  readonly environment: NodeJS.ProcessEnv
}

export const nodeEngine =
  ({ node, module, environment }: NodeProgram): BeginEngine =>
  (options) => {
    const child = spawn(node, [module, JSON.stringify(options), String(PIPE)], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: environment,
      // Ctrl-C in the terminal is handled by the shell, which makes the engine note its work first. The engine ends
      // with the pipe.
      detached: true,
    })
    const openLine = multiplex(byteCarrier(child.stdio[PIPE] as Duplex))
    return {
      ...hostLine(openLine()),
      onStart: (listener) => void child.once('spawn', listener),
      onOutput(listener) {
        for (const stream of [child.stdout, child.stderr])
          stream!.on('data', (bytes: Uint8Array) => listener(String(bytes)))
      },
      joinPort: (port) => join(port, openLine()),
      onExit(listener) {
        let told = false
        const tell = (how: string) => {
          if (!told) listener(how)
          told = true
        }
        // The program is missing or not executable.
        child.once('error', ({ message }) => tell(message))
        child.once('exit', (code, signal) => tell(signal ? `signal ${signal}` : `exit code ${code}`))
      },
      kill: () => void child.kill(),
    }
  }

/** Forwards messages in both directions; when one end closes, so does the other. */
function join(port: MessagePortMain, line: Channel): void {
  port.on('message', ({ data }) => line.post(data as Message))
  port.on('close', () => line.close())
  line.on(
    (message) => port.postMessage(message),
    () => port.close(),
  )
  port.start()
}
