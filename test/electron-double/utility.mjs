// A utility process as a thread: gives the module `process.parentPort` and runs it.
import { parentPort, workerData } from 'node:worker_threads'
import { pathToFileURL } from 'node:url'

const mainPort = (port) => ({
  postMessage: (message) => port.postMessage(message),
  on: (event, listener) => port.on(event, (data) => listener({ data, ports: [] })),
  start: () => port.start(),
  close: () => port.close(),
})

process.parentPort = {
  postMessage: (message) => parentPort.postMessage(message),
  on: (event, listener) =>
    parentPort.on(event, ({ data, ports }) => listener({ data, ports: ports.map(mainPort) })),
}
await import(pathToFileURL(workerData.module).href)
