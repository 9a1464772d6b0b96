// A lock has one holder: of processes that race for it, and after a holder that has ended.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allAtOnce, bundled } from '../../../scripts/faults/processes.ts'
import type { LockCounts } from '../../../scripts/faults/lock-racer.ts'
import { thisProcess } from '../../../src/engine/bytes/index.ts'
import { lockHolder, releaseLock, takeLock } from '../../../src/engine/records/folder-lock.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
let locks = 0
/** A lock in a folder of its own, left by someone. */
function lockOf(owner: object | string, ageSeconds = 0): string {
  const path = join(folder.path, String(locks++), '.lock')
  mkdirSync(join(path, '..'))
  writeFileSync(path, typeof owner === 'string' ? owner : JSON.stringify(owner))
  const time = Date.now() / 1000 - ageSeconds
  utimesSync(path, time, time)
  return path
}
const holderIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

it('two of four processes never hold the same lock, even if half of the locks are left by killed processes', async () => {
  const shared = join(folder.path, 'race')
  mkdirSync(shared)
  const racer = await bundled('lock-racer')
  const counts = await allAtOnce<LockCounts>(
    racer,
    [1, 2, 3, 4].map(() => [shared, '150']),
  )
  expect(counts.map((one) => one.shared)).toEqual([0, 0, 0, 0])
  for (const { held } of counts) expect(held).toBeGreaterThan(0)
  expect(readdirSync(shared).filter((name) => name !== '.lock')).toEqual([])
})

describe('an existing lock', () => {
  const here = { ...thisProcess(), nonce: 'theirs' }
  const parent = { ...here, pid: process.ppid }
  const ended = spawnSync(process.execPath, ['-e', '']).pid

  it.each([
    ['a process that has ended', { ...here, pid: ended }, 0],
    ['a process whose number another has now', { ...parent, start: '1' }, 0],
    ['a process before this machine was restarted', { ...parent, boot: 'an earlier one' }, 0],
    ['a process of 0.1 that has ended', { pid: ended, host: hostname() }, 0],
    ['a crash that left the file empty', '', 60],
    ['a crash that left half of the file', '{"pid": 12, "ho', 60],
    ['JSON of something else', '[1, 2]', 60],
  ])('of %s is replaced', async (_, owner, age) => {
    const path = lockOf(owner, age)
    expect(await lockHolder(path)).toBeUndefined()
    await takeLock(path)
    expect(holderIn(path)).toMatchObject({ pid: process.pid })
    await releaseLock(path)
    expect(readdirSync(join(path, '..'))).toEqual([])
  })

  it.each([
    ['an empty file that was just made', '', 'in use by a process that is starting'],
    [
      'a process of another machine',
      { ...here, host: 'node7', machine: 'm', boot: 'b', since: '2026-11-29T10:00:00.000Z' },
      `in use by process ${process.pid} on node7 since 2026-11-29 10:00 UTC; wait for it to finish or choose another --out. If that process has ended, which cannot be checked from here, delete this file`,
    ],
    ['a process in a container', { ...here, pids: 'pid:[1]', host: 'c1' }, 'delete this file'],
    ['a live number in a lock of 0.1', { pid: process.ppid, host: hostname() }, 'delete this file'],
  ])('of %s is respected, and the error says what to do', async (_, owner, words) => {
    const path = lockOf(owner)
    const before = readFileSync(path, 'utf8')
    await expect(takeLock(path)).rejects.toThrow(words)
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('of this program itself is respected', async () => {
    const path = join(folder.path, 'own.lock')
    await takeLock(path)
    await expect(takeLock(path)).rejects.toThrow(`${path}: in use by this program; wait for it to finish`)
    await releaseLock(path)
    await takeLock(path)
    await releaseLock(path)
  })

  it('is not released by a process whose own lock was deleted by hand', async () => {
    const path = join(folder.path, 'deleted.lock')
    await takeLock(path)
    writeFileSync(path, JSON.stringify(parent))
    await releaseLock(path)
    expect(holderIn(path)).toEqual(parent)
  })
})
