// A linear probe on some of the demo's pictures: every layer has its numbers, a stopped probe goes on, and what is refused.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import { runProbe, type ProbeRecord } from '../../../../src/engine/runs/linear-probe/linear-probe.ts'
import type { ProbeSpec } from '../../../../src/shared/evaluation/linear-probe.ts'
import { probeMethodsAndWorks } from '../../../../src/shared/figures/paper/probe-methods.ts'
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

describe('the recipe of the release', () => {
  const released = (changes: Partial<ProbeSpec> = {}) => {
    const { epochs: _, ...rest } = spec({ recipe: 'release', updates: 4, batch: 6, learningRate: 0.4 })
    return { ...rest, ...changes }
  }

  test('leaves out the last layer, records its updates, and resumes with the same crops', async () => {
    // The features of centre crops are there.
    for (const name of ['released', 'resumed'])
      cpSync(join(folder.path, 'out'), join(folder.path, name), { recursive: true })
    const out = join(folder.path, 'released')
    await runProbe(released({ out }), callbacks)
    const rows = table('released').slice(1)
    const record = JSON.parse(readFileSync(join(out, 'probe.json'), 'utf8')) as ProbeRecord
    expect(rows.map(([layer]) => Number(layer))).toEqual(Array.from({ length: record.depth }, (_, i) => i))
    expect(record.training).toEqual({
      recipe: 'release',
      updates: 4,
      batch: 6,
      learningRate: 0.4,
      seed: 0,
    })
    const controller = new AbortController()
    const progress = (_: number, __: number, note: string) =>
      void (note === 'update 3 of 4' && controller.abort(new Error('stopped')))
    const asked = released({ out: join(folder.path, 'resumed') })
    await expect(runProbe(asked, { signal: controller.signal, progress })).rejects.toThrow('stopped')
    const notes: string[] = []
    await runProbe(asked, { ...callbacks, progress: (_, __, note) => void notes.push(note) })
    expect(notes.filter((note) => note.startsWith('update'))).toEqual(['update 3 of 4', 'update 4 of 4'])
    expect(table('resumed')).toEqual(table('released'))
    const bytes = (name: string) => readFileSync(join(folder.path, name, 'classifiers.npy'))
    expect(bytes('resumed').equals(bytes('released'))).toBe(true)
  })

  test('has a methods text that names it, and says where the training is shorter', () => {
    const record = JSON.parse(
      readFileSync(join(folder.path, 'released', 'probe.json'), 'utf8'),
    ) as ProbeRecord
    const { stage1 } = record.recipe as { readonly stage1: string }
    const text = probeMethodsAndWorks({ ...record, stage1, layers: record.layers! })
    expect(text).toContain('The recipe is that of the DiGIT release [zhu2024stabilize]')
    expect(text).toContain('The release trains 100,000 updates of 1,024 images at rate 0.4')
    expect(text).toContain(`K = ${record.codes!.toLocaleString('en-US')} discriminative tokens`)
    expect(text).toContain('@inproceedings{zhu2024stabilize,')
    const ours = probeMethodsAndWorks({ ...record, stage1, layers: [], training: spec() })
    expect(ours).toContain('The recipe is our own')
    expect(ours).toContain('our recipe, 30 epochs, batch 16, rate 0.1, seed 0')
  })

  test('refuses the length of our recipe', async () => {
    await expect(runProbe(released({ epochs: 3, out: join(folder.path, 'd') }), callbacks)).rejects.toThrow(
      'epochs: not used by the recipe of the release',
    )
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
