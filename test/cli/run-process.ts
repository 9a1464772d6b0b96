// The command in a process of its own, which may be killed, and what it leaves in a run folder.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { sampleCommand } from '../../src/cli/commands/sample.ts'
import { keptNetworks } from '../../src/engine/devices/network-pool.ts'
import { readStored } from '../../src/engine/bytes/index.ts'
import { finishedImages, imageName } from '../../src/engine/records/workspace.ts'
import { runSample } from '../../src/engine/runs/sample.ts'
import { BUILT } from '../built.ts'

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs the command; it is killed with no chance to tidy up as soon as `killAt` resolves. */
export function run(
  command: string,
  args: readonly string[],
  killAt?: (signal: AbortSignal) => Promise<void>,
): Promise<Ended> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const abort = new AbortController()
  void killAt?.(abort.signal).then(
    () => child.kill('SIGKILL'),
    () => {},
  )
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      abort.abort()
      resolve({ code, output })
    })
  })
}
export const digit = (args: readonly string[], killAt?: (signal: AbortSignal) => Promise<void>) =>
  run(process.execPath, [BUILT.command, ...args], killAt)

/** The same in this process, in a tenth of the time: what it writes, and how its process would end. */
export async function commandHere(
  args: readonly string[],
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  let [stdout, stderr, output] = ['', '', '']
  const out = (text: string) => void ((stdout += text), (output += text))
  const error = (text: string) => void ((stderr += text), (output += text))
  const line = (words: unknown[]) => `${words.map(String).join(' ')}\n`
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out(String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (error(String(text)), true)),
    vi.spyOn(console, 'log').mockImplementation((...words) => out(line(words))),
    vi.spyOn(console, 'error').mockImplementation((...words) => error(line(words))),
  ]
  const own = process.exitCode
  process.exitCode = 0
  try {
    const code = (await main(['node', 'digit', ...args])) || Number(process.exitCode)
    return { code, output, stdout, stderr }
  } finally {
    process.exitCode = own
    for (const spy of spies) spy.mockRestore()
  }
}

const networks = keptNetworks()
afterAll(() => networks.close())

/** `digit sample` in this process, which has started already. Rejects with the error that the command prints. */
export const digitHere = ([, ...args]: readonly string[]) =>
  sampleCommand((spec) =>
    spec.kind === 'sample'
      ? runSample(spec, { signal: new AbortController().signal, progress: () => {}, networks })
      : Promise.reject(new TypeError(spec.kind)),
  ).parseAsync(args, { from: 'user' })

export const imagesIn = async (out: string) =>
  (await finishedImages(join(out, 'images')).catch(() => [])).length

/** Name -> sha256 of every image of a run, packed or not, and of every file but its run.json, which has the time. */
export async function contents(out: string): Promise<Record<string, string>> {
  const files = (await readdir(out, { recursive: true })).filter((name) => /\.(png|npz|codecs)$/.test(name))
  const images = await finishedImages(join(out, 'images')).catch(() => [])
  const names = new Set([...files, ...images.map((image) => join('images', imageName(image)))])
  const hash = async (name: string) =>
    createHash('sha256')
      .update(await readStored(join(out, name)))
      .digest('hex')
  return Object.fromEntries(
    await Promise.all([...names].sort().map(async (name) => [name, await hash(name)] as const)),
  )
}
/** Only the images. */
export const imagesOf = async (out: string) =>
  Object.fromEntries(Object.entries(await contents(out)).filter(([name]) => name.startsWith('images')))
