// A sweep that is killed in the middle, and gone on with by the command or by the workbench: the same numbers.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createEngine, demoFolder } from '../../src/engine/api/index.ts'
import type { WorkspaceSweep } from '../../src/shared/sweep/sweeps.ts'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()
/** Models as small as they can be. */
const MODELS = resolve('test/fixtures/official-tiny')
const [flags] = readdirSync(join(demoFolder(), 'images')).sort()
const SWEEP = [
  ...[
    'sweep',
    '--model',
    MODELS,
    '--axis',
    'temperature=0.5, 1',
    '--count',
    '4',
    '--batch-size',
    '1',
    '--device',
    'cpu',
  ],
  ...['--stage2', 'nar', '--steps', '2', '--protocol', 'dinov2'],
  ...['--reference', join(demoFolder(), 'images', flags!)],
]

const files = (out: string) => {
  try {
    return readdirSync(out, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}
const table = (out: string) => readFileSync(join(out, 'sweep.csv'), 'utf8')

/** Runs the command; it is killed without warning as soon as `isTime` says so. */
async function sweep(out: string, isTime?: (files: readonly string[]) => boolean) {
  const child = spawn(process.execPath, [BUILT.command, ...SWEEP, '--out', out])
  let output = ''
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  if (isTime) {
    while (child.exitCode === null && !isTime(files(out))) await wait(5)
    child.kill('SIGKILL')
  }
  return { code: await ended, output, printed }
}

it('a sweep killed while sampling, while measuring and between cells is resumed by the command and by the workbench', async () => {
  const workspace = join(folder.path, 'workspace')
  const [whole, broken] = [join(folder.path, 'whole'), join(workspace, 'sweeps', 'broken')]
  const first = await sweep(whole)
  expect([first.code, first.output]).toEqual([
    0,
    expect.stringMatching(/about \d+ s.* \(based on a trial run of 2 images\)|about .*\(based on /),
  ])
  // What was measured, a row a cell, as in the file.
  const [, heads, ...rows] = first.printed.trim().split('\n')
  expect(heads).toMatch(/^temperature {2}n {2}FD \(.*KD \(.*Precision \(encoder\) {2}Recall \(encoder\)/)
  const [columns, ...cells] = table(whole).trim().split('\n')
  const distance = columns!.split(',').indexOf('frechet_dinov2_distance')
  expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual(
    cells.map((cell) => {
      const values = cell.split(',')
      return [values[0], '4', String(Number(Number(values[distance]).toPrecision(5)))]
    }),
  )

  const images = (count: number) => (names: readonly string[]) =>
    names.filter((name) => name.endsWith('.png') && name.includes('images')).length >= count
  const measured = (names: readonly string[]) => names.some((name) => name.endsWith('metrics.jsonl'))
  const moments = [images(2), images(4), measured, images(6)]
  for (const isTime of moments) expect((await sweep(broken, isTime)).code).toBe(null)

  const engine = createEngine({ workspace })
  await engine.api.openModels([MODELS])
  const { sweep: found } = await engine.api.readSweep('broken')
  expect(found).toMatchObject({ cells: 2, finished: 1, status: { state: 'cancelled' } })
  const ended = new Promise<WorkspaceSweep>((resolve) =>
    engine.on('sweepChanged', (now) => {
      if (!['queued', 'running'].includes(now.status.state)) resolve(now)
    }),
  )
  await engine.api.resumeSweep('broken')
  expect(await ended).toMatchObject({ finished: 2, status: { state: 'done' } })
  expect(table(broken)).toBe(table(whole))
  expect((await sweep(broken)).code).toBe(0)
  expect(table(broken)).toBe(table(whole))
})
