// Nothing in the cache is believed because of its name: what was changed, cut off or emptied is created again.
import { createHash } from 'node:crypto'
import { linkSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cachedFile,
  cacheFolder,
  readCachedJson,
  writeCachedJson,
} from '../../../src/engine/model-set/cache.ts'
import { fileToSha256 } from '../../../src/engine/model-set/file-hash.ts'
import { openHashes } from '../../../src/engine/model-set/hash.ts'
import { walk } from '../../../src/engine/model-set/walk.ts'
import { DAMAGES } from '../../../scripts/faults/damage.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const sha256Of = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

it('is in the cache folder of the system', () => {
  expect(cacheFolder({ DIGIT_CACHE: '/here' }, 'linux')).toBe('/here')
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/digit-workbench')
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toMatch(/\.cache.digit-workbench$/)
  expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.digit-workbench$/)
  expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32')).toMatch(/^.l.digit-workbench.cache$/)
})

describe('a file of the cache', () => {
  const content = Buffer.from('quantised weights')
  const key = { key: ['abc', 'int8', '1'], label: 'int8', ending: '.bin' }

  it('is created once, and leaves nothing behind after a failure', async () => {
    const entry = { ...key, folder: temporaryFolder().path }
    let made = 0
    const numbered = () => Buffer.from(`content ${++made}`)
    const path = await cachedFile(entry, numbered)
    expect(await cachedFile(entry, numbered)).toBe(path)
    expect(readFileSync(path, 'utf8')).toBe('content 1')
    expect(await cachedFile({ ...entry, key: ['abd'] }, numbered)).not.toBe(path)
    const before = readdirSync(entry.folder)
    const failing = async function* () {
      yield Buffer.from('half')
      throw new Error('no more')
    }
    await expect(cachedFile({ ...entry, key: ['fails'] }, failing)).rejects.toThrow('no more')
    expect(readdirSync(entry.folder)).toEqual(before)
  })

  it.each(Object.keys(DAMAGES))('that was %s is created again', async (name) => {
    const entry = { ...key, folder: temporaryFolder().path }
    await cachedFile(entry, () => content)
    for (const file of readdirSync(entry.folder)) {
      const path = join(entry.folder, file)
      const damaged = DAMAGES[name]!(readFileSync(path), () => 0.4)
      writeFileSync(path, damaged)
      expect(readFileSync(await cachedFile(entry, () => content))).toEqual(content)
      expect(readFileSync(path)).not.toEqual(damaged)
    }
  })
})

describe('hashes of files', () => {
  const folder = temporaryFolder()
  const cache = join(folder.path, 'cache')
  const memory = join(cache, 'sha256.json')
  const hash = async (path: string) => {
    const [file] = (await walk([path])).files
    const hashes = await openHashes(cache)
    const sha256 = await hashes.sha256(file!)
    await hashes.save()
    return sha256
  }

  it('are remembered until the file changes', async () => {
    const path = folder.write('file.npy', 'one')
    expect(await hash(path)).toBe(sha256Of('one'))
    const [row] = (await readCachedJson(memory)) as [string, string][]
    await writeCachedJson(memory, [[row![0], 'f'.repeat(64)]])
    expect(await hash(path)).toBe('f'.repeat(64))
    writeFileSync(path, 'two')
    expect(await hash(path)).toBe(sha256Of('two'))
  })

  it('are computed again for a file with the time, size and inode of another', async () => {
    const path = folder.write('touched.npy', 'one')
    const touch = () => utimesSync(path, 1e9, 1e9)
    touch()
    expect(await hash(path)).toBe(sha256Of('one'))
    writeFileSync(path, 'two')
    touch()
    expect(await hash(path)).toBe(sha256Of('two'))
  })

  it.each(Object.keys(DAMAGES))('are computed again if their file was %s', async (name) => {
    const path = folder.write('remembered.npy', 'three')
    await hash(path)
    writeFileSync(
      memory,
      DAMAGES[name]!(readFileSync(memory), () => 0.4),
    )
    expect(await readCachedJson(memory)).toBeUndefined()
    expect(await hash(path)).toBe(sha256Of('three'))
  })

  it('are right for a file that gets a second name while it is read', async () => {
    const path = folder.write('named.npy', 'one')
    const [file] = (await walk([path])).files
    linkSync(path, `${path}.backup`)
    expect(await (await openHashes(cache)).sha256(file!)).toBe(sha256Of('one'))
  })

  it('are refused for a file that changes while it is read', async () => {
    const path = folder.write('changing.npy', 'one')
    const [file] = (await walk([path])).files
    writeFileSync(path, 'other')
    const hashes = await openHashes(cache)
    await expect(hashes.sha256(file!)).rejects.toThrow('changing.npy: changed while it was read')
  })

  it('are right for a file of many chunks', async () => {
    const bytes = Buffer.alloc(9 * 2 ** 20 + 5, 'digit')
    expect(await fileToSha256(folder.write('large.npy', bytes))).toBe(sha256Of(bytes))
  })
})
