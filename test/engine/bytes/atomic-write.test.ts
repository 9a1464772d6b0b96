// A file is whole or absent, orphans are recognised, and each failure names the path.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createFileAtomic,
  isTemporaryName,
  sweepTemporaries,
  writeFileAtomic,
} from '../../../src/engine/bytes/atomic-write.ts'
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

/** What this process writes on the way to a file. */
async function temporaryOf(file: string): Promise<string> {
  let name: string | undefined
  await writeFileAtomic(
    join(folder, file),
    (async function* () {
      name = (await readdir(folder)).find(isTemporaryName)
      yield Uint8Array.of(1)
    })(),
  )
  return name!
}

test('deletes temporary files of dead processes and old ones of other machines, and no others', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const place = /tmp-([0-9a-f]{8})-/.exec(await temporaryOf('whole'))![1]!
  const names = [
    `a.tmp-${place}-${dead}-0`,
    `b.png.tmp-${place}-${process.pid}-99999`,
    'old.tmp-00000000-1-0',
    'old.tmp-1-0',
  ]
  // A machine that shares the folder has processes of its own, some with the numbers of our dead ones.
  const stay = [
    `c.tmp-${place}-${process.ppid}-1`,
    `new.tmp-00000000-${dead}-0`,
    `new.tmp-${dead}-0`,
    'd.tmp',
    'whole',
  ]
  for (const name of [...names, ...stay]) await writeFile(join(folder, name), '')
  for (const name of names.slice(2)) await utimes(join(folder, name), 0, 0)
  expect([...names, ...stay].filter(isTemporaryName)).toHaveLength(7)
  expect((await sweepTemporaries(folder)).sort()).toEqual([...names].sort())
  expect((await readdir(folder)).sort()).toEqual([...stay].sort())
})

test('orphans with its own process number do not stop a write', async () => {
  const [, stem, next] = /^(.*-)(\d+)$/.exec((await temporaryOf('b')).replace(/^b/, 'a'))!
  for (let n = 1; n < 60; n++) await writeFile(join(folder, `${stem}${Number(next) + n}`), 'orphan')
  await writeFileAtomic(join(folder, 'a'), 'new')
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('new')
  expect((await readdir(folder)).length).toBe(61)
})

test('writes a name of 255 bytes and refuses one of 256 with the reason', async () => {
  await writeFileAtomic(join(folder, 'é'.repeat(127) + 'n'), 'x')
  const error = await writeFileAtomic(join(folder, 'n'.repeat(256)), 'x').catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RequestError)
  expect(String(error)).toContain('the name is too long')
})

test('lets one of several writers create a file, with all of its content', async () => {
  const path = join(folder, 'created')
  const tries = await Promise.all(['a', 'b', 'c'].map((text) => createFileAtomic(path, text)))
  expect(tries.filter(Boolean)).toHaveLength(1)
  expect(await readFile(path, 'utf8')).toBe(['a', 'b', 'c'][tries.indexOf(true)])
  expect(await readdir(folder)).toEqual(['created'])
  await expect(createFileAtomic(join(folder, 'none', 'a'), 'x')).rejects.toThrow('its folder does not exist')
})
