// A file is whole or absent, orphans are recognised, and each failure names the path.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isTemporaryName, sweepTemporaries, writeFileAtomic } from '../../../src/engine/bytes/atomic-write.ts'
import { RequestError } from '../../../src/shared/errors.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'atomic-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

async function* broken(code: string) {
  yield Buffer.from('half')
  throw Object.assign(new Error('from the system'), { code })
}

test('writes text, bytes and chunks; the last write wins and no other file remains', async () => {
  const path = join(folder, 'a.json')
  await writeFileAtomic(path, 'text')
  await writeFileAtomic(path, new Uint8Array([104, 105]))
  expect(await readFile(path, 'utf8')).toBe('hi')
  await writeFileAtomic(
    path,
    (async function* () {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    })(),
  )
  expect(await readFile(path, 'utf8')).toBe('one two')
  expect(await readdir(folder)).toEqual(['a.json'])
})

test('of many concurrent writers one wins, and its file is complete', async () => {
  const path = join(folder, 'a')
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(1000))
  await Promise.all(texts.map((text) => writeFileAtomic(path, text)))
  expect(texts).toContain(await readFile(path, 'utf8'))
  expect(await readdir(folder)).toEqual(['a'])
})

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the file system is read-only'],
  ['EACCES', 'permission denied'],
])('after %s halfway, the old file remains and the error contains the path', async (code, reason) => {
  const path = join(folder, 'a')
  await writeFileAtomic(path, 'old')
  const error = await writeFileAtomic(path, broken(code)).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RequestError)
  expect(String(error)).toBe(`RequestError: cannot write ${path}: ${reason}`)
  expect(await readFile(path, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['a'])
})

test('an error of the data source is passed on', async () => {
  await expect(writeFileAtomic(join(folder, 'a'), broken('OTHER'))).rejects.toThrow('from the system')
})

test('refuses a missing folder, a file as folder and a folder as file', async () => {
  await writeFile(join(folder, 'file'), '')
  await mkdir(join(folder, 'sub'))
  for (const [name, reason] of [
    ['none/a', 'its folder does not exist'],
    ['file/a', 'its parent path is not a folder'],
    ['sub', 'a folder with this name exists'],
  ]) {
    const error = await writeFileAtomic(join(folder, name!), 'x').catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RequestError)
    expect(String(error)).toContain(reason)
  }
  expect((await readdir(folder)).sort()).toEqual(['file', 'sub'])
})

test('deletes temporary files of dead processes, and no others', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const names = [`a.tmp-${dead}-0`, `b.png.tmp-${process.pid}-99999`, `c.tmp-${process.ppid}-1`, 'd.tmp', 'e']
  for (const name of names) await writeFile(join(folder, name), '')
  expect(names.map(isTemporaryName)).toEqual([true, true, true, false, false])
  expect((await sweepTemporaries(folder)).sort()).toEqual(names.slice(0, 2).sort())
  expect((await readdir(folder)).sort()).toEqual(names.slice(2).sort())
})

test('orphans with its own process number do not stop a write', async () => {
  for (let n = 0; n < 60; n++) await writeFile(join(folder, `a.tmp-${process.pid}-${n}`), 'orphan')
  await writeFileAtomic(join(folder, 'a'), 'new')
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('new')
})
