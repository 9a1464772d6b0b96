// Linear probes of the workspace over the contract: layer by layer, stopped and gone on with, listed again.
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../../src/engine/api/index.ts'
import { addSet } from '../../../../src/engine/workspace/image-sets.ts'
import type { ProbeRequest, WorkspaceProbe } from '../../../../src/shared/evaluation/linear-probes.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const EACH = 6
const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const training = { device: 'cpu', epochs: 3, batch: 16, learningRate: 0.1, seed: 0 } as const

let engine: Engine
let request: ProbeRequest
const told: WorkspaceProbe[] = []
const ended = (id: string) =>
  new Promise<WorkspaceProbe>((resolve) => {
    const stop = engine.on('probeChanged', (probe) => {
      if (probe.id !== id || ['queued', 'running'].includes(probe.status.state)) return
      stop()
      resolve(probe)
    })
  })

beforeAll(async () => {
  const pictures = join(demoFolder(), 'images')
  const classes = readdirSync(pictures).sort()
  for (const name of [classes[0]!, classes.at(-1)!]) {
    mkdirSync(join(folder.path, 'two', name), { recursive: true })
    for (const file of readdirSync(join(pictures, name)).sort().slice(0, EACH))
      cpSync(join(pictures, name, file), join(folder.path, 'two', name, file))
  }
  await addSet(workspace, join(folder.path, 'two'))
  engine = createEngine({ workspace })
  engine.on('probeChanged', (probe) => told.push(probe))
  await engine.api.openModels([demoFolder()])
  const set = (await engine.api.listImageSets()).find(({ name }) => name === 'two')!
  request = { ...training, images: set.source }
})

test('a probe reports each finished layer, and is listed by another engine', async () => {
  const id = await engine.api.startProbe(request)
  // Nothing is before it: it may be at work already.
  expect((await engine.api.listProbes())[0]).toMatchObject({
    id,
    layers: [],
    status: { state: expect.stringMatching(/^(queued|running)$/) as string },
  })
  const probe = await ended(id)
  expect(probe).toMatchObject({
    images: 'two',
    training: { epochs: 3 },
    counts: { train: 10, validation: 2, classes: 2 },
    status: { state: 'done' },
  })
  expect(probe.layers.map(({ layer }) => layer)).toEqual(Array.from({ length: probe.depth + 1 }, (_, i) => i))
  expect(new Set(told.map(({ layers }) => layers.length)).size).toBeGreaterThan(2)
  expect(JSON.stringify(told)).not.toContain(folder.path)
  const again = createEngine({ workspace })
  expect(await again.api.listProbes()).toEqual([probe])
})

test('a stopped probe resumes; a run without class folders is refused', async () => {
  const id = await engine.api.startProbe({ ...request, seed: 1 })
  await new Promise<void>((resolve) =>
    engine.on('probeChanged', ({ id: other, layers }) => {
      if (other === id && layers.length > 0) resolve()
    }),
  )
  const end = ended(id)
  await engine.api.cancelProbe(id)
  expect((await end).status.state).toBe('cancelled')
  const done = ended(id)
  await engine.api.resumeProbe(id)
  expect((await done).status.state).toBe('done')
  await expect(engine.api.startProbe({ ...request, images: { kind: 'run', run: 'any' } })).rejects.toThrow(
    'one subfolder per class',
  )
})
