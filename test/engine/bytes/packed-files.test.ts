// Packs of files: archives for every program, read as the files that they hold, whole after a kill at any byte.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import {
  findPacked,
  packedNames,
  packWriter,
  readStored,
  renamePacked,
} from '../../../src/engine/bytes/index.ts'
import { tarHeader } from '../../../src/engine/bytes/tar.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const temporary = temporaryFolder()
let folders = 0
function folder(): string {
  const path = join(temporary.path, String(folders++))
  mkdirSync(path)
  return path
}

/** Sizes around a block of 512 bytes. */
const FILES = new Map([0, 1, 511, 512, 513, 3000].map((size, i) => [`${i}.png`, bytesOf(size, i)] as const))
function bytesOf(size: number, seed: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 255))
}

async function pack(path: string, files: Iterable<readonly [string, Buffer]>, packBytes?: number) {
  const writer = packWriter(path, '', packBytes)
  for (const [name, content] of files) await writer.append(name, content)
  await writer.close()
}
const namesIn = async (path: string) => (await packedNames(path)).sort()
const listed = (path: string) =>
  execFileSync('tar', ['-tf', path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .split('\n')
    .filter(Boolean)

it('packed files are read as files, and tar unpacks them', async () => {
  const path = folder()
  await pack(path, FILES)
  expect(readdirSync(path)).toEqual(['images-0000.tar'])
  expect(await namesIn(path)).toEqual([...FILES.keys()])
  for (const [name, content] of FILES) expect(await readStored(join(path, name))).toEqual(content)
  await expect(readStored(join(path, '9.png'))).rejects.toMatchObject({ code: 'ENOENT' })
  execFileSync('tar', ['-xf', join(path, 'images-0000.tar'), '-C', path])
  for (const [name, content] of FILES) expect(readFileSync(join(path, name))).toEqual(content)
})

it('a reader that knows a pack sees what is appended to it, and what another process moved aside', async () => {
  const path = folder()
  const [first, ...others] = FILES
  await pack(path, [first!])
  expect(await namesIn(path)).toEqual(['0.png'])
  await pack(path, others)
  expect(await readStored(join(path, '5.png'))).toEqual(FILES.get('5.png'))
  expect(await namesIn(path)).toEqual([...FILES.keys()])
  await renamePacked(join(path, '3.png'), '3.png.damaged')
  expect(await findPacked(join(path, '3.png'))).toBeUndefined()
  expect(listed(join(path, 'images-0000.tar'))).toContain('3.png.damaged')
  await pack(path, [['3.png', bytesOf(700, 9)]])
  expect(await readStored(join(path, '3.png'))).toEqual(bytesOf(700, 9))
})

it('whatever a killed process left after the last whole file is cut off, and nothing before it', async () => {
  const whole = folder()
  await pack(whole, FILES)
  const bytes = readFileSync(join(whole, 'images-0000.tar'))
  const last = (await findPacked(join(whole, '5.png')))!
  const kept = [...FILES.keys()].slice(0, -1)
  const tails = [
    // The header of the last file was not written; it, or a part of its content, was.
    [bytes.subarray(0, last.start), Buffer.alloc(512), bytes.subarray(last.start + 512)],
    [bytes.subarray(0, last.start), Buffer.alloc(512), bytes.subarray(last.start + 512, last.start + 2000)],
    [bytes.subarray(0, last.start), Buffer.alloc(100)],
  ].map((parts) => Buffer.concat(parts))
  for (const tail of tails) {
    const path = folder()
    const archive = temporary.write(`${folders - 1}/images-0000.tar`, tail)
    expect(await namesIn(path)).toEqual(kept)
    await pack(path, [['6.png', bytesOf(40, 6)]])
    expect(listed(archive)).toEqual([...kept, '6.png'])
    expect(statSync(archive).size).toBe(last.start + 1024 + 1024)
    for (const name of kept) expect(await readStored(join(path, name))).toEqual(FILES.get(name))
  }
})

it('packs of a given size follow each other, in a later session, too', async () => {
  const path = folder()
  const files = [...FILES]
  await pack(path, files.slice(0, 4), 4096)
  await pack(path, files.slice(4), 4096)
  expect(readdirSync(path).length).toBeGreaterThan(2)
  expect(await namesIn(path)).toEqual([...FILES.keys()])
  for (const name of readdirSync(path).slice(0, -1))
    expect(statSync(join(path, name)).size).toBeLessThan(4097)
})

it('an archive of another name is left alone, and a damaged pack is kept as it is', async () => {
  const path = folder()
  const other = temporary.write(`${folders - 1}/ILSVRC2012_img_val.tar`, tarHeader('a.png', 0))
  await pack(path, FILES)
  const archive = join(path, 'images-0000.tar')
  const damages = [(bytes: Buffer) => bytes.fill(7, 1536, 1537), (bytes: Buffer) => bytes.fill(0, 512, 1024)]
  for (const [i, damage] of damages.entries()) {
    const damaged = damage(readFileSync(archive))
    writeFileSync(archive, damaged)
    expect(await namesIn(path)).not.toContain('5.png')
    await pack(path, [[`new-${i}.png`, FILES.get('4.png')!]])
    expect(readFileSync(archive)).toEqual(damaged)
  }
  expect(await namesIn(path)).toEqual(['0.png', 'new-0.png', 'new-1.png'])
  expect(readdirSync(path).sort()).toEqual([basename(other), 'images-0000.tar', 'images-0001.tar'])
})
