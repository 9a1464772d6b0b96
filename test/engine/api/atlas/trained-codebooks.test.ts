// K-Means codebooks over the contract: trained, cancelled and resumed, and opened beside the other models.
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import { createEngine, type Engine } from '../../../../src/engine/api/index.ts'
import { runKMeans } from '../../../../src/engine/runs/kmeans/kmeans.ts'
import type { TrainedCodebook } from '../../../../src/shared/atlas/trained-codebooks.ts'
import { demoPicture } from '../../../demo.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { OFFICIAL } from '../../models/run-graph.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const pictures = join(folder.path, 'my pictures')
const SLOW = 120_000
const HOW = { k: 16, iterations: 2, device: 'cpu' } as const

let engine: Engine
let images: { readonly kind: 'set'; readonly set: string }
beforeAll(async () => {
  mkdirSync(pictures)
  for (const i of [0, 1]) cpSync(demoPicture(0, i), join(pictures, `${i}.png`))
  engine = createEngine({ workspace, models: [OFFICIAL] })
  await vi.waitFor(async () => expect((await engine.api.snapshot()).modelSet).toBeDefined(), SLOW)
  await engine.api.addImages([pictures])
  const { source } = (await engine.api.listImageSets()).find(({ source }) => source.kind === 'set')!
  images = source as typeof images
})

async function becomes(id: string, state: TrainedCodebook['status']['state']): Promise<TrainedCodebook> {
  let found: TrainedCodebook | undefined
  await vi.waitFor(async () => {
    found = (await engine.api.listTrainedCodebooks()).find((one) => one.id === id)
    expect(found?.status).toMatchObject({ state })
  }, SLOW)
  return found!
}

it('a codebook that was cancelled and resumed is that of the command, and opens as one more model', async () => {
  const id = await engine.api.startKMeans({ images, ...HOW })
  await engine.api.cancelKMeans(id)
  expect(await becomes(id, 'cancelled')).toMatchObject({ images: 'my pictures', k: 16 })
  await expect(engine.api.openTrainedCodebook(id)).rejects.toThrow('not finished')
  await engine.api.resumeKMeans(id)
  const { result } = await becomes(id, 'done')
  expect(result).toMatchObject({ points: 512 })
  const out = join(folder.path, 'by-command')
  const { spec } = JSON.parse(readFileSync(join(workspace, 'codebooks', id, 'request.json'), 'utf8')) as {
    spec: Parameters<typeof runKMeans>[0]
  }
  await runKMeans({ ...spec, out }, { signal: new AbortController().signal, progress: () => {} })
  const codebook = (path: string) => readFileSync(join(path, 'km_16.npy'))
  expect(codebook(join(workspace, 'codebooks', id)).equals(codebook(out))).toBe(true)
  await engine.api.openTrainedCodebook(id)
  const { modelSet } = await engine.api.snapshot()
  expect(modelSet!.files.map(({ kind, path }) => [kind, path.split('/').at(-1)])).toContainEqual([
    'codebook',
    'km_16.npy',
  ])
})

it('one that does not exist is refused', async () => {
  await expect(engine.api.resumeKMeans('20260101-000000-none')).rejects.toThrow('not found')
})
