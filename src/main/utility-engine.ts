// The engine as Electron's utility process: on Windows and macOS.
import { utilityProcess } from 'electron'
import { multiplex } from '../shared/rpc/multiplex.ts'
import { hostLine, type BeginEngine } from './hosted-engine.ts'

/** `module` is the path of the built engine process, in the archive or not. */
export const utilityEngine =
  (module: string): BeginEngine =>
  (options) => {
    const child = utilityProcess.fork(module, [JSON.stringify(options)], {
      serviceName: 'DiGIT engine',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Electron reports fatal errors of V8 here, before `exit`; without a listener the emitter would throw.
    let fatal = ''
    child.on('error', (type, location) => (fatal = `, ${type} in ${location}`))
    const openLine = multiplex({
      post: (data) => child.postMessage(data),
      on(heard, closed) {
        child.on('message', heard)
        child.once('exit', closed)
      },
    })
    return {
      ...hostLine(openLine()),
      onStart: (listener) => void child.once('spawn', listener),
      onOutput(listener) {
        for (const stream of [child.stdout, child.stderr])
          stream?.on('data', (bytes: Uint8Array) => listener(String(bytes)))
      },
      joinPort: (port) => child.postMessage({}, [port]),
      onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}${fatal}`)),
      kill: () => void child.kill(),
    }
  }
