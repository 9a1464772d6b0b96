// A linear probe on some of the demo's pictures: every layer has its numbers, a stopped probe goes on, and what is refused.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import { runProbe } from '../../../../src/engine/runs/linear-probe/linear-probe.ts'
import type { ProbeSpec } from '../../../../src/shared/evaluation/linear-probe.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO } from '../../models/run-graph.ts'

const EACH = 10
const folder = temporaryFolder()
const images = join(folder.path, 'images')

beforeAll(() => {
  // Flags and faces: whatever the weights are, their tokens differ.
  const classes = readdirSync(join(DEMO, 'images')).sort()
  for (const name of [classes[0]!, classes.at(-1)!]) {
    mkdirSync(join(images, name), { recursive: true })
    for (const file of readdirSync(join(DEMO, 'images', name))
      .sort()
      .slice(0, EACH))
      cpSync(join(DEMO, 'images', name, file), join(images, name, file))
  }
})

const spec = (changes: Partial<ProbeSpec> = {}): ProbeSpec => ({
  kind: 'probe',
  model: DEMO,
  device: 'cpu',
  out: join(folder.path, 'out'),
  images,
  epochs: 30,
  batch: 16,
  learningRate: 0.1,
  seed: 0,
  ...changes,
})
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const table = (out: string) =>
  readFileSync(join(folder.path, out, 'probe.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))

describe('two classes of ten', () => {
  beforeAll(() => runProbe(spec(), callbacks))

  test('have top-1 values for the embedding and every layer', async () => {
    const models = await openModels([DEMO])
    const { layers } = (await models.open('stage1')).config
    await models.close()
    const [heads, ...rows] = table('out')
    expect(heads).toEqual(['layer', 'train', 'validation'])
    expect(rows.map(([layer]) => Number(layer))).toEqual(Array.from({ length: layers + 1 }, (_, i) => i))
    for (const [, train, validation] of rows) {
      // 16 to train on in more dimensions than that: a classifier that learns tells them apart.
      expect(Number(train)).toBe(1)
      expect([0, 0.25, 0.5, 0.75, 1]).toContain(Number(validation))
    }
  })

  test('give the same table after a stop and a resume', async () => {
    const controller = new AbortController()
    const progress = (step: number) => void (step >= 8 && controller.abort(new Error('stopped')))
    const asked = spec({ out: join(folder.path, 'stopped') })
    await expect(runProbe(asked, { signal: controller.signal, progress })).rejects.toThrow('stopped')
    await runProbe(asked, callbacks)
    expect(table('stopped')).toEqual(table('out'))
  })
})

test('pictures without classes and too few pictures are refused', async () => {
  const flat = join(images, readdirSync(images)[0]!)
  await expect(runProbe(spec({ images: flat, out: join(folder.path, 'a') }), callbacks)).rejects.toThrow(
    'no classes found (expected one subfolder per class)',
  )
  const few = join(folder.path, 'few')
  mkdirSync(join(few, 'one'), { recursive: true })
  cpSync(join(flat, readdirSync(flat)[0]!), join(few, 'one/a.png'))
  await expect(runProbe(spec({ images: few, out: join(folder.path, 'b') }), callbacks)).rejects.toThrow(
    'too few images (found 1); each class needs at least 5 so that one can be held out',
  )
  await expect(runProbe(spec({ validation: few, out: join(folder.path, 'c') }), callbacks)).rejects.toThrow(
    /subfolders differ/,
  )
})
