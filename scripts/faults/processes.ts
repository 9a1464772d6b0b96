// Several processes of one bundled entry at the same time.
import { spawn } from 'node:child_process'
import { bundle } from '../bundle.mjs'

/** Bundles `scripts/faults/NAME.ts` and returns the path of the bundle. */
export const bundled = (name: string): Promise<string> => bundle(`scripts/faults/${name}.ts`)

/** Runs one process per list of arguments and returns their outputs, parsed as JSON. Throws if one fails. */
export function allAtOnce<T>(script: string, lists: readonly (readonly string[])[]): Promise<T[]> {
  return Promise.all(lists.map((args) => outputOf<T>(script, args)))
}

function outputOf<T>(script: string, args: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as T)
      else reject(new Error(`${script} ${args.join(' ')}: ended with ${code}`))
    })
  })
}
