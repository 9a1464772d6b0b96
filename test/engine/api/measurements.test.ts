// Measurements of a workspace: listed without paths, taken out of the list and brought back, by lines that are only added.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createEngine, demoFolder } from '../../../src/engine/api/index.ts'
import { readStamps } from '../../../src/engine/records/stamps.ts'
import type { Stamp } from '../../../src/shared/evaluation/evaluation.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')

const stampOf = (digit: string, timestamp: number, reference: string): Stamp => ({
  schema: 1,
  key: digit.repeat(64),
  results: { frechet_dinov2_distance: Number(digit) },
  metric: 'dinov2',
  samples: { path: '/home/ada/samples', n: 64, sha256: 'a', kind: 'images', crop: 'as they are' },
  reference: { path: reference, n: 64, sha256: 'b', kind: 'images', crop: 'as they are' },
  extractor: { name: 'dinov2', file: 'encoder.pth', sha256: 'c', input: 'uint8', provider: 'cpu' },
  settings: {},
  badges: ['1 of 64 images in /home/ada/samples are JPEG or WebP: lossy compression changes every metric'],
  models: [{ role: 'stage1', path: '/home/ada/DiGIT/checkpoint_last.pt', sha256: 'd' }],
  versions: {},
  total_time: 1,
  timestamp,
})
const line = (value: unknown) => JSON.stringify(value) + '\n'
const demo = join(demoFolder(), 'images')

const inRun = folder.write(
  'workspace/runs/seven/metrics.jsonl',
  line(stampOf('1', 100, demo)) +
    line(stampOf('2', 300, join(workspace, 'runs', 'eight'))) +
    '{"schema":1,"cut',
)
folder.write('workspace/measurements/demo/metrics.jsonl', line(stampOf('3', 200, '/elsewhere/real.npz')))
folder.write('workspace/measurements/not a set/metrics.jsonl', line(stampOf('4', 400, demo)))

const engine = createEngine({ workspace })
const told: string[] = []
engine.on('measurementAdded', ({ id }) => told.push(`added ${id}`))
engine.on('measurementRemoved', (id) => told.push(`removed ${id}`))
const id = (digit: string) => digit.repeat(16)

it('lists measurements of runs and sets, newest first, with their samples and reference', async () => {
  const found = await engine.api.listMeasurements()
  expect(found.map(({ id, samples, reference }) => ({ id, samples, reference }))).toEqual([
    { id: id('2'), samples: { kind: 'run', run: 'seven' }, reference: { kind: 'run', run: 'eight' } },
    { id: id('3'), samples: { kind: 'demo' }, reference: undefined },
    { id: id('1'), samples: { kind: 'run', run: 'seven' }, reference: { kind: 'demo' } },
  ])
  expect(found[1]!.stamp.reference.path).toBe('real.npz')
  expect(JSON.stringify(found)).not.toContain('/')
})

it('names the records that no list can show', async () => {
  folder.write('workspace/sets/0123456789ab.json', '{"schema": 1, "path": 7}')
  folder.write('workspace/evaluations/ba9876543210.json', '')
  folder.write('workspace/favourites.json', '{"schema": 1, "favourites": [{"run": "seven"}]}')
  folder.write('workspace/probes/one/request.json', '{"started": 7}')
  folder.write('workspace/probes/one/notes.txt', 'of a person')
  folder.write('workspace/sweeps/two/sweep.json', '{"schema": 2}')
  folder.write('workspace/sweeps/two/cells/seed0/metrics.jsonl', line(stampOf('5', 500, demo)) + 'torn\n')
  expect(await engine.api.listLeftOut()).toEqual([
    {
      file: 'runs/seven/metrics.jsonl',
      line: 3,
      problem: expect.stringContaining('not valid JSON') as string,
    },
    {
      file: 'sweeps/two/cells/seed0/metrics.jsonl',
      line: 2,
      problem: expect.stringContaining('not valid JSON') as string,
    },
    { file: 'favourites.json', problem: expect.stringContaining('favourites.0.image: ') as string },
    { file: 'sets/0123456789ab.json', problem: expect.stringContaining('path: ') as string },
    { file: 'evaluations/ba9876543210.json', problem: expect.stringContaining('not valid JSON') as string },
    { file: 'probes/one/request.json', problem: expect.stringContaining('started: ') as string },
    { file: 'sweeps/two/sweep.json', problem: 'schema: unsupported version (found 2, expected 1)' },
  ])
})

it('removes a measurement from the list and restores it; the file only grows', async () => {
  const before = readFileSync(inRun, 'utf8')
  await engine.api.removeMeasurement(id('1'))
  await engine.api.removeMeasurement(id('1'))
  expect((await engine.api.listMeasurements()).map(({ id }) => id)).toEqual([id('2'), id('3')])
  expect((await readStamps(inRun)).map(({ key }) => key[0])).toEqual(['2'])
  await engine.api.restoreMeasurement(id('1'))
  expect(await engine.api.listMeasurements()).toHaveLength(3)
  const after = readFileSync(inRun, 'utf8')
  expect(after.startsWith(before)).toBe(true)
  expect(after.split('\n').filter((line) => line.includes('"listed"'))).toHaveLength(2)
  expect(told).toEqual([`removed ${id('1')}`, `removed ${id('1')}`, `added ${id('1')}`])
})

it('refuses an unknown measurement', async () => {
  await expect(engine.api.removeMeasurement(id('9'))).rejects.toThrow(`measurement '${id('9')}' not found`)
})
