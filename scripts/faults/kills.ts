// Long commands killed without warning at any moment: the same command resumes, and ends with the files of one that was
// never killed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readStamps } from '../../src/engine/records/stamps.ts'
import { bundle } from '../bundle.mjs'
import { randomNumbers } from '../fuzz/mutate.ts'
import type { Outcome } from './faults.ts'

const TINY = resolve('test/fixtures/official-tiny')
const DEMO_IMAGES = resolve('resources/demo/images')
/** Of each of two classes; a linear probe needs five. */
const PICTURES = 5
const SMALL = ['--model', TINY, '--device', 'cpu']
const STEPS = ['--stage2', 'nar', '--steps', '2', '--batch-size', '1']

interface Inputs {
  /** Two classes of pictures. */
  readonly pictures: string
  readonly dataset: string
}

/** Without `--out`. */
const COMMANDS: Readonly<Record<string, (inputs: Inputs) => readonly string[]>> = {
  sample: () => ['sample', ...SMALL, ...STEPS, '--count', '6'],
  tokenize: ({ pictures }) => ['tokenize', pictures, ...SMALL, '--batch-size', '1'],
  reconstruct: ({ pictures }) => ['reconstruct', pictures, ...SMALL, ...STEPS],
  decode: ({ dataset }) => ['decode', join(dataset, 'discriminative.codecs'), ...SMALL, ...STEPS],
  kmeans: ({ pictures }) => [
    'kmeans',
    pictures,
    ...SMALL,
    '-k',
    '16',
    '--iterations',
    '6',
    '--batch-size',
    '1',
  ],
  probe: ({ pictures }) => ['linear-probe', pictures, ...SMALL, '--epochs', '5'],
  atlas: ({ dataset }) => ['atlas', dataset, ...SMALL, '--umap'],
  evaluate: ({ pictures, dataset }) => [
    ...['evaluate', pictures, join(dataset, '..', 'reconstruct'), ...SMALL],
    ...['--protocol', 'dinov2', '--size', '224', '--confidence'],
  ],
  sweep: ({ pictures }) => [
    ...['sweep', ...SMALL, ...STEPS, '--axis', 'temperature=0.5, 1', '--count', '2'],
    ...['--protocol', 'dinov2', '--reference', pictures],
  ],
}

export async function killCommands(folder: string, count: number, seed: number): Promise<Outcome> {
  const digit = await bundle('src/cli/digit.ts')
  const random = randomNumbers(seed)
  const inputs = { pictures: join(folder, 'pictures'), dataset: join(folder, 'whole', 'tokenize') }
  for (const name of (await readdir(DEMO_IMAGES)).sort().slice(0, 2)) {
    await mkdir(join(inputs.pictures, name), { recursive: true })
    for (const file of (await readdir(join(DEMO_IMAGES, name))).sort().slice(0, PICTURES))
      await cp(join(DEMO_IMAGES, name, file), join(inputs.pictures, name, file))
  }
  const names = Object.keys(COMMANDS)
  const each = Math.max(1, Math.ceil(count / names.length))
  const counts = { kills: 0, 'resumed to the end': 0 }
  const faults: string[] = []
  const run = (name: string, out: string, cache: string, killAfterMs?: number) =>
    runCommand(digit, [...COMMANDS[name]!(inputs), '--out', out], join(folder, cache), killAfterMs)
  for (const name of names) {
    const [whole, broken] = [join(folder, 'whole', name), join(folder, 'broken', name)]
    const started = performance.now()
    const { code, output } = await run(name, whole, `cache-whole-${name}`)
    const took = performance.now() - started
    if (code !== 0) {
      faults.push(`${name}: ended with ${code} without a kill: ${output}`)
      continue
    }
    const expected = await contents(whole)
    const finish = async (found: Ended) => {
      const there = JSON.stringify(await contents(broken))
      if (found.code !== 0) faults.push(`${name}: ended with ${found.code} after a kill: ${found.output}`)
      else if (there !== JSON.stringify(expected))
        faults.push(
          `${name}: other files than without a kill: ${there}, expected ${JSON.stringify(expected)}`,
        )
      else counts['resumed to the end']++
      for (const gone of [broken, join(folder, 'cache-broken')])
        await rm(gone, { recursive: true, force: true })
    }
    for (let kills = 0; kills < each;) {
      const ended = await run(name, broken, 'cache-broken', random() * took)
      if (ended.code === null) kills++
      else await finish(ended)
      if (faults.length > 0) break
    }
    counts.kills += each
    await finish(await run(name, broken, 'cache-broken'))
    console.log(
      `  ${name}: ${each} kills within ${(took / 1000).toFixed(1)} s of work, ${faults.length} faults so far`,
    )
  }
  return { counts, faults }
}

interface Ended {
  /** Null for a killed one. */
  readonly code: number | null
  readonly output: string
}

async function runCommand(
  digit: string,
  args: readonly string[],
  cache: string,
  killAfterMs?: number,
): Promise<Ended> {
  const child = spawn(process.execPath, [digit, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DIGIT_CACHE: cache },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const abort = new AbortController()
  if (killAfterMs !== undefined)
    void wait(killAfterMs, undefined, { signal: abort.signal }).then(
      () => child.kill('SIGKILL'),
      () => {},
    )
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      abort.abort()
      resolve({ code, output: output.slice(-2000) })
    })
  })
}

/** Name -> sha256 of every file without times in it; of measurements, the numbers. */
async function contents(out: string): Promise<Record<string, string>> {
  const names = (await readdir(out, { recursive: true })).sort()
  const found: Record<string, string> = {}
  for (const name of names) {
    const path = join(out, name)
    if (/\.(png|npz|codecs|npy|csv)$/.test(name))
      found[name] = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
    if (/metrics\.jsonl$/.test(name))
      found[name] = JSON.stringify((await readStamps(path)).map(({ results }) => results))
  }
  return found
}
