// What a run leaves behind when it is killed, when the disk is full, when the folder is not its own.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { isPackName } from '../../src/engine/bytes/index.ts'
import { releaseLock, takeLock } from '../../src/engine/records/folder-lock.ts'
import { uniform } from '../../src/engine/tokens/random.ts'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { contents, digit, digitHere, imagesIn, imagesOf, run } from './run-process.ts'

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
const COUNT = 8
/** Of an uninterrupted run; an image does not depend on how many there are. */
const whole = join(folder(), 'whole')
/** Milliseconds to its first image, and between two batches. */
let pace = { start: 0, batch: 0 }

beforeAll(async () => {
  const started = performance.now()
  let begun = 0
  const whenBegun = async (signal: AbortSignal) => {
    while ((await imagesIn(whole)) === 0) await wait(5, undefined, { signal })
    begun = performance.now()
    throw new Error('not to be killed')
  }
  expect((await digit([...SAMPLE, '--count', String(COUNT), '--out', whole], whenBegun)).code).toBe(0)
  pace = { start: begun - started, batch: (performance.now() - begun) / (COUNT / 2) }
})

describe('kill -9', () => {
  it.each([
    ['3 times', [], 3],
    ['twice, while it packs images,', ['--pack'], 2],
  ])(
    'a run killed %s and resumed by the same command has the files of an uninterrupted run',
    async (_, options, kills) => {
      const out = join(folder(), 'broken')
      const command = [...SAMPLE, ...options, '--count', String(COUNT), '--out', out]
      for (let kill = 0; kill < kills;) {
        const before = await imagesIn(out)
        const share = uniform(1, kill, 'stage1', 0)
        // Moments of a run as fast as the whole one: before its first image, or within some batches of it.
        const moment = async (signal: AbortSignal) => {
          if (kill === 2) return wait(share * pace.start, undefined, { signal })
          while ((await imagesIn(out)) <= before) await wait(5, undefined, { signal })
          await wait(share * 2 * pace.batch, undefined, { signal })
        }
        const { code } = await digit(command, moment)
        if (code === null) kill++
        else {
          // The kills so far let it get through: it must be whole by now, and another is begun.
          expect([code, await contents(out)]).toEqual([0, await contents(whole)])
          await rm(out, { recursive: true })
        }
      }
      await digitHere(command)
      expect(await contents(out)).toEqual(await contents(whole))
      const names = await readdir(join(out, 'images'))
      expect(names.filter((name) => !/^\d{6}\.png$/.test(name) && !isPackName(name))).toEqual([])
    },
  )
})

describe('a run folder that exists', () => {
  it('with other settings is left alone, and the difference is reported', async () => {
    const before = await contents(whole)
    await expect(
      digitHere([...SAMPLE, '--count', '2', '--temperature', '0.9', '--out', whole]),
    ).rejects.toThrow('(stage1.sampling.temperature is 1 there, 0.9 here); choose another --out')
    expect(await contents(whole)).toEqual(before)
  })

  it('with the same settings is extended by more images', async () => {
    const out = join(folder(), 'run')
    cpSync(whole, out, { recursive: true })
    const before = await imagesOf(out)
    await digitHere([...SAMPLE, '--count', String(COUNT + 1), '--out', out])
    const images = await imagesOf(out)
    expect(Object.keys(images)).toHaveLength(COUNT + 1)
    expect(images).toMatchObject(before)
  })

  it('filled by two shards in parallel equals the whole run', async () => {
    const out = join(folder(), 'run')
    const command = [...SAMPLE, '--count', String(COUNT), '--out', out]
    const shards = [0, 1].map((id) => digit([...command, '--num-shards', '2', '--shard-id', `${id}`]))
    for (const { code } of await Promise.all(shards)) expect(code).toBe(0)
    await digitHere(command)
    expect(await contents(out)).toMatchObject(await contents(whole))
  })

  it('is refused while another process uses it, and that process is not disturbed', async () => {
    const out = join(folder(), 'run')
    const lock = join(out, '.lock')
    mkdirSync(out)
    await takeLock(lock)
    const held = await readFile(lock, 'utf8')
    const { code, output } = await digit([...SAMPLE, '--count', `${COUNT}`, '--out', out])
    expect([code, output]).toEqual([1, expect.stringMatching(/in use by process \d+/)])
    expect(await readFile(lock, 'utf8')).toBe(held)
    await releaseLock(lock)
  })

  it('with images but no run.json is refused', async () => {
    const out = join(folder(), 'run')
    await mkdir(join(out, 'images'), { recursive: true })
    await writeFile(join(out, 'images', '000000.png'), 'a picture of mine')
    await expect(digitHere([...SAMPLE, '--count', '1', '--out', out])).rejects.toThrow(
      'contains 1 images but no run.json',
    )
    expect(await readFile(join(out, 'images', '000000.png'), 'utf8')).toBe('a picture of mine')
  })

  it('is reported if it is a file', async () => {
    const out = join(folder(), 'run')
    await writeFile(out, 'a file')
    await expect(digitHere([...SAMPLE, '--count', '1', '--out', out])).rejects.toThrow(
      `cannot create the folder ${out}`,
    )
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
    const [out, keep] = [join(folder(), 'out'), join(folder(), 'keep')]
    await mkdir(out)
    await mkdir(keep)
    const command = [...SAMPLE, '--count', String(COUNT), '--out', out]
    const { code, output } = await onTmpfs('size=1m', out, keep, command)
    expect([code, output]).toEqual([1, expect.stringContaining('the disk is full')])
    const [kept, expected] = [await imagesOf(keep), await imagesOf(whole)]
    const finished = Object.keys(kept)
    expect(finished.length).toBeGreaterThan(0)
    expect(finished.length).toBeLessThan(COUNT)
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
