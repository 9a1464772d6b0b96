// What a run leaves behind when it is killed, when the disk is full, when the folder is not its own.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { uniform } from '../../src/engine/tokens/random.ts'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const temporary = temporaryFolder()
let folders = 0
/** A folder of its own for each use. */
function folder(): string {
  const path = join(temporary.path, String(folders++))
  mkdirSync(path)
  return path
}
/** Small steps of small models: masked decoding in two steps, two images at a time. */
const SAMPLE = [
  ...['sample', '--model', resolve('test/fixtures/official-tiny'), '--device', 'cpu'],
  ...['--stage2', 'nar', '--steps', '2', '--batch-size', '2'],
]

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs the command; it is killed with no chance to tidy up as soon as `killAt` resolves. */
function run(
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
const digit = (args: readonly string[], killAt?: (signal: AbortSignal) => Promise<void>) =>
  run(process.execPath, [BUILT.command, ...args], killAt)

/** Number of images in a run's folder. */
function imagesIn(out: string): number {
  try {
    return readdirSync(join(out, 'images')).filter((name) => name.endsWith('.png')).length
  } catch {
    return 0
  }
}

/** Name -> sha256 of every file of a run but its run.json, which tells the time. */
async function contents(out: string): Promise<Record<string, string>> {
  const names = (await readdir(out, { recursive: true }))
    .filter((name) => /\.(png|npz|codecs)$/.test(name))
    .sort()
  const hash = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(out, name)))
      .digest('hex')
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hash(name)] as const)))
}

describe('kill -9', () => {
  it('a run killed 5 times and resumed by the same command has the files of an uninterrupted run', async () => {
    const [whole, broken] = [join(folder(), 'whole'), join(folder(), 'broken')]
    const command = (out: string) => [...SAMPLE, '--count', '32', '--out', out]
    const started = performance.now()
    let begun = 0
    const whenBegun = async (signal: AbortSignal) => {
      while (imagesIn(whole) === 0) await wait(5, undefined, { signal })
      begun = performance.now()
      throw new Error('not to be killed')
    }
    expect((await digit(command(whole), whenBegun)).code).toBe(0)
    // Moments of a run as fast as this one: before its first image, or within some batches of it.
    const [start, batch] = [begun - started, (performance.now() - begun) / 15]
    for (let kills = 0; kills < 5;) {
      const before = imagesIn(broken)
      const share = uniform(1, kills, 'stage1', 0)
      const moment = async (signal: AbortSignal) => {
        if (kills % 4 === 0) return wait(share * start, undefined, { signal })
        while (imagesIn(broken) <= before) await wait(5, undefined, { signal })
        await wait(share * 2 * batch, undefined, { signal })
      }
      const { code } = await digit(command(broken), moment)
      if (code === null) kills++
      else {
        // The kills so far let it get through: it must be whole by now, and another is begun.
        expect([code, await contents(broken)]).toEqual([0, await contents(whole)])
        await rm(broken, { recursive: true })
      }
    }
    const { code, output } = await digit(command(broken))
    expect([code, output]).toEqual([0, expect.stringContaining('32 images')])
    expect(await contents(broken)).toEqual(await contents(whole))
    expect((await readdir(join(broken, 'images'))).filter((name) => !/^\d{6}\.png$/.test(name))).toEqual([])
  })
})

describe('a run folder that exists', () => {
  it('with other settings is left alone, and the difference is reported', async () => {
    const out = join(folder(), 'run')
    expect((await digit([...SAMPLE, '--count', '2', '--out', out])).code).toBe(0)
    const before = await contents(out)
    const { code, output } = await digit([...SAMPLE, '--count', '2', '--temperature', '0.9', '--out', out])
    expect(code).toBe(1)
    expect(output).toContain('(stage1.sampling.temperature is 1 there, 0.9 here); choose another --out')
    expect(await contents(out)).toEqual(before)
  })

  it('with the same settings is extended by more images', async () => {
    const out = join(folder(), 'run')
    await digit([...SAMPLE, '--count', '1', '--out', out])
    const [first] = Object.values(await contents(join(out, 'images')))
    expect((await digit([...SAMPLE, '--count', '3', '--out', out])).code).toBe(0)
    const images = await contents(join(out, 'images'))
    expect(Object.keys(images)).toEqual(['000000.png', '000001.png', '000002.png'])
    expect(images['000000.png']).toBe(first)
  })

  it('filled by two shards in parallel equals the whole run', async () => {
    const [out, whole] = [join(folder(), 'run'), join(folder(), 'whole')]
    const shards = [0, 1].map((id) =>
      digit([...SAMPLE, '--count', '3', '--num-shards', '2', '--shard-id', `${id}`, '--out', out]),
    )
    for (const { code } of await Promise.all(shards)) expect(code).toBe(0)
    for (const to of [out, whole])
      expect((await digit([...SAMPLE, '--count', '3', '--out', to])).code).toBe(0)
    expect(await contents(out)).toMatchObject(await contents(whole))
  })

  it('is refused while another process uses it, and that process is not disturbed', async () => {
    const out = join(folder(), 'run')
    const first = digit([...SAMPLE, '--count', '12', '--out', out])
    while (!existsSync(join(out, '.lock'))) await wait(20)
    const second = await digit([...SAMPLE, '--count', '12', '--out', out])
    expect([second.code, second.output]).toEqual([1, expect.stringMatching(/in use by process \d+/)])
    expect((await first).code).toBe(0)
  })

  it('with images but no run.json is refused', async () => {
    const out = join(folder(), 'run')
    await mkdir(join(out, 'images'), { recursive: true })
    await writeFile(join(out, 'images', '000000.png'), 'a picture of mine')
    const { code, output } = await digit([...SAMPLE, '--count', '1', '--out', out])
    expect([code, output]).toEqual([1, expect.stringContaining('contains 1 images but no run.json')])
    expect(await readFile(join(out, 'images', '000000.png'), 'utf8')).toBe('a picture of mine')
  })

  it('is reported if it is a file', async () => {
    const out = join(folder(), 'run')
    await writeFile(out, 'a file')
    const { code, output } = await digit([...SAMPLE, '--count', '1', '--out', out])
    expect([code, output]).toEqual([1, expect.stringContaining(`cannot create the folder ${out}`)])
  })
})

/** A mount of one's own needs Linux user namespaces (or root). */
const canMount = (() => {
  try {
    execFileSync('unshare', ['-rm', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.runIf(canMount)('a small file system', () => {
  /** Runs the command with a tmpfs mounted at `out`, and afterwards copies what is on it to `keep`. */
  const onTmpfs = (options: string, out: string, keep: string, args: readonly string[]) => {
    const script =
      'mount -t tmpfs -o "$1" tmpfs "$2"; out=$2; keep=$3; shift 3; "$@"; code=$?; cp -r "$out/." "$keep"; exit $code'
    return run('unshare', [
      '-rm',
      'sh',
      '-c',
      script,
      'sh',
      options,
      out,
      keep,
      process.execPath,
      BUILT.command,
      ...args,
    ])
  }

  it('that fills up gives a clear error, and every image on it is complete', async () => {
    const [out, keep, whole] = [join(folder(), 'out'), join(folder(), 'keep'), join(folder(), 'whole')]
    await mkdir(out)
    await mkdir(keep)
    const command = (to: string) => [...SAMPLE, '--count', '12', '--out', to]
    await digit(command(whole))
    const { code, output } = await onTmpfs('size=1m', out, keep, command(out))
    expect([code, output]).toEqual([1, expect.stringContaining('the disk is full')])
    const [kept, expected] = [await contents(join(keep, 'images')), await contents(join(whole, 'images'))]
    const finished = Object.keys(kept)
    expect(finished.length).toBeGreaterThan(0)
    expect(finished.length).toBeLessThan(12)
    for (const name of finished) expect(kept[name]).toBe(expected[name])
  })

  it('that is read-only gives an error with the folder', async () => {
    const out = join(folder(), 'out')
    await mkdir(out)
    const { code, output } = await onTmpfs('ro', out, folder(), [...SAMPLE, '--count', '1', '--out', out])
    expect([code, output]).toEqual([1, expect.stringContaining(out)])
    expect(output).toMatch(/read-only|EROFS/)
  })
})
