// A run shared among cards, here two processes on the processor: the same images, also after one of them was killed.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunRecord } from '../../src/engine/records/run-folder.ts'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const MODELS = join(import.meta.dirname, '../fixtures/official-tiny')
const COUNT = 5

const folder = temporaryFolder()
const start = (out: string, device: string) =>
  spawn(
    process.execPath,
    [
      [BUILT.command, 'sample', '--model', MODELS, '--count', `${COUNT}`, '--batch-size', '1'],
      ['--stage2', 'nar', '--steps', '2', '--device', device, '--out', out],
    ].flat(),
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
const imagesIn = (out: string): string[] => {
  try {
    return readdirSync(join(out, 'images')).filter((name) => name.endsWith('.png'))
  } catch {
    return []
  }
}

test(
  'cards make the images of one process; a killed one loses none',
  { skip: process.platform !== 'linux' },
  async () => {
    const [alone, shared] = [join(folder.path, 'alone'), join(folder.path, 'shared')]
    expect((await once(start(alone, 'cpu'), 'exit'))[0]).toBe(0)
    const run = start(shared, 'cpu:0,cpu:1')
    const ended = once(run, 'exit')
    await expect.poll(() => imagesIn(shared).length, { timeout: 300_000 }).toBeGreaterThan(0)
    const [card] = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').split(' ')
    process.kill(Number(card), 'SIGKILL')
    expect((await ended)[0]).toBe(0)
    const { device } = JSON.parse(readFileSync(join(shared, 'run.json'), 'utf8')) as RunRecord
    expect(device).toEqual({ provider: 'cpu', reason: 'cpu:0, cpu:1, as requested' })
    expect(imagesIn(shared)).toEqual(imagesIn(alone))
    for (const name of imagesIn(alone))
      expect(
        readFileSync(join(shared, 'images', name)).equals(readFileSync(join(alone, 'images', name))),
        name,
      ).toBe(true)
  },
)
