// Atlases of folders over the contract: begun, gone on with, refused; their maps, comparisons, and pictures they are found by.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeNpy } from '../../../../src/engine/bytes/index.ts'
import { createEngine, type Engine } from '../../../../src/engine/api/index.ts'
import { encodePng } from '../../../../src/engine/images/index.ts'
import type { RunStatus } from '../../../../src/shared/run/run.ts'
import type { WorkspaceAtlas } from '../../../../src/shared/atlas/atlases.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { QUICK } from '../../../quick-request.ts'
import { GENERATORS } from '../../models/generators/fixture.ts'
import { OFFICIAL, reference } from '../../models/run-graph.ts'
import { blackPng } from '../../images/huge-pictures.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const pictures = join(folder.path, 'my pictures')
const SIDE = 256
const SLOW = 120_000

let engine: Engine
const statuses: RunStatus[] = []
let stop = () => {}
const start = async (models: readonly string[]) => {
  engine = createEngine({ workspace, models, keepsNetworks: true })
  stop = engine.on('atlasMapChanged', (_, status) => statuses.push(status))
  await vi.waitFor(async () => expect((await engine.api.snapshot()).modelSet).toBeDefined(), SLOW)
}
afterAll(() => stop())
const writePicture = async (name: string, i: number) => {
  const images = Uint8Array.from(await reference('image_u8'))
  const rgb = images.slice(i * SIDE * SIDE * 3, (i + 1) * SIDE * SIDE * 3)
  return folder.write(name, await encodePng({ rgb, width: SIDE, height: SIDE }))
}
const add = async (path: string): Promise<string> => {
  await engine.api.addImages([path])
  const { source } = (await engine.api.listImageSets()).find(({ source }) => source.kind === 'set')!
  return source.kind === 'set' ? source.set : ''
}
const ended = async (id: string): Promise<WorkspaceAtlas> => {
  let found: WorkspaceAtlas | undefined
  await vi.waitFor(async () => {
    found = (await engine.api.listAtlases()).find((atlas) => atlas.id === id)
    expect(['done', 'failed']).toContain(found?.status.state)
  }, SLOW)
  return found!
}
const problemOf = ({ status }: WorkspaceAtlas) =>
  status.state === 'failed' ? status.error.message : status.state

beforeAll(async () => {
  for (let i = 0; i < 4; i++) await writePicture(`my pictures/${i < 2 ? 'cat' : 'dog'}/${i}.png`, i)
  // The first ones of all.
  folder.write('my pictures/cat/00-broken.png', 'no picture')
  folder.write('my pictures/cat/00-huge.png', blackPng(20_000, { whole: true }))
})

describe('the atlas of a folder', () => {
  let set = ''
  let id = ''

  it(
    'has the classes of its subfolders, and reports files that could not be read',
    async () => {
      await start([OFFICIAL])
      set = await add(pictures)
      id = await engine.api.startAtlas({ source: { kind: 'set', set }, tokens: 'discriminative' })
      const atlas = await ended(id)
      expect(problemOf(atlas)).toBe('done')
      expect(atlas.source).toEqual({ kind: 'set', set })
      expect(atlas.info).toMatchObject({ images: 4, classNames: ['cat', 'dog'], classImages: [2, 2] })
      expect(atlas.unreadable!.count).toBe(2)
      expect(atlas.unreadable!.first).toEqual([
        expect.stringMatching(/^my pictures\/cat\/00-broken\.png: not a readable image/),
        'my pictures/cat/00-huge.png: not a readable image: image too large (20000 x 20000 pixels, maximum 178956970 in total)',
      ])
      expect(JSON.stringify(atlas)).not.toContain(folder.path)
    },
    SLOW,
  )

  it(
    'is extended when the folder grows; if a picture changed, the error names it and the old atlas stays',
    async () => {
      const fifth = await writePicture('my pictures/dog/9.png', 0)
      expect(await engine.api.startAtlas({ source: { kind: 'set', set }, tokens: 'discriminative' })).toBe(id)
      expect((await ended(id)).info!.images).toBe(5)
      await writePicture('my pictures/dog/9.png', 1)
      await engine.api.startAtlas({ source: { kind: 'set', set }, tokens: 'discriminative' })
      expect(problemOf(await ended(id))).toMatch(
        /^my pictures\/dog\/9\.png: file changed since it was tokenized/,
      )
      expect((await engine.api.readAtlas(id)).info.images).toBe(5)
      rmSync(fifth)
      await writePicture('my pictures/dog/9.png', 0)
    },
    SLOW,
  )

  it('is refused without a folder or pictures', async () => {
    mkdirSync(join(folder.path, 'empty'))
    await expect(engine.api.addImages([join(folder.path, 'empty')])).rejects.toThrow(
      /^no images found in empty/,
    )
    const gone = await add((await writePicture('gone/0.png', 0)).replace('/0.png', ''))
    rmSync(join(folder.path, 'gone'), { recursive: true })
    const request = (set: string) => ({ source: { kind: 'set', set }, tokens: 'codes' }) as const
    await expect(engine.api.startAtlas(request(gone))).rejects.toThrow('gone: no longer exists')
    await expect(engine.api.startAtlas(request('0'.repeat(12)))).rejects.toThrow('no longer in the list')
  })

  it('finds the clusters of a picture, with the tokens of the atlas', async () => {
    const bytes = readFileSync(join(pictures, 'cat/1.png'))
    const found = await engine.api.findClusters(id, 'mine.png', bytes)
    const own = await engine.api.readAtlasImage(id, 1)
    expect(found.tokens).toEqual(own.tokens)
    expect(found.png).toEqual(own.png)
    expect(found.distances).toHaveLength(256)
    await expect(engine.api.findClusters(id, 'mine.png', bytes.subarray(0, 99))).rejects.toThrow('mine.png')
    await expect(engine.api.readAtlasImage(id, 99)).rejects.toThrow('the atlas has 0 to 4')
  })

  it('has a UMAP layout on request, which can be cancelled and restarted', async () => {
    expect(await engine.api.readMap(id)).toEqual({})
    await engine.api.startMap(id)
    await engine.api.cancelMap(id)
    await vi.waitFor(() => expect(statuses.at(-1)?.state).toBe('cancelled'), SLOW)
    await engine.api.startMap(id)
    await vi.waitFor(() => expect(statuses.at(-1)?.state).toBe('done'), SLOW)
    const { plane } = await engine.api.readMap(id)
    expect(plane).toHaveLength(128)
    expect(plane!.every(Number.isFinite)).toBe(true)
  })

  it(
    'is refused for pictures and comparisons with another codebook',
    async () => {
      const file = join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
      const bytes = readFileSync(file)
      bytes[bytes.length - 1]! ^= 1
      writeFileSync(join(folder.path, 'other.npy'), bytes)
      await engine.api.addModels([join(folder.path, 'other.npy')])
      const { modelSet } = await engine.api.snapshot()
      const other = modelSet!.files.find(({ path }) => path.endsWith('other.npy'))!
      await engine.api.chooseModel('codebook', other.id)
      const picture = readFileSync(join(pictures, 'cat/1.png'))
      await expect(engine.api.findClusters(id, 'mine.png', picture)).rejects.toThrow(
        'the atlas was made with another codebook',
      )
      const second = await engine.api.startAtlas({ source: { kind: 'set', set }, tokens: 'discriminative' })
      expect(second).not.toBe(id)
      expect(problemOf(await ended(second))).toBe('done')
      await expect(engine.api.readComparison(id, second)).rejects.toThrow('of different codebooks')
      expect((await engine.api.readComparison(id, id)).usage.jensenShannon).toBe(0)
      // Labels are of a codebook, not of an atlas.
      const edit = { entry: 3, label: 'mine', note: '', tags: [] }
      expect(await engine.api.setLabels(second, [edit])).toMatchObject({ beside: true })
      expect((await engine.api.readLabels(id)).labels).toEqual([])
    },
    SLOW,
  )

  it(
    'is refused if codebook and encoder differ in dimensions, with both numbers',
    async () => {
      const data = Float32Array.from({ length: 64 * 48 }, (_, i) => Math.sin(i))
      await engine.api.addModels([folder.write('narrow.npy', encodeNpy({ data, shape: [64, 48] }))])
      const { modelSet } = await engine.api.snapshot()
      const narrow = modelSet!.files.find(({ path }) => path.endsWith('narrow.npy'))!
      await engine.api.chooseModel('codebook', narrow.id)
      const id = await engine.api.startAtlas({ source: { kind: 'set', set }, tokens: 'discriminative' })
      expect(problemOf(await ended(id))).toMatch(
        /this encoder has 64 feature dimensions, the codebook (.*\/)?narrow\.npy has 48$/,
      )
    },
    SLOW,
  )
})

it(
  'the codes of another generator have atlases: of pictures through its tokenizer, and of its runs, to be compared',
  async () => {
    for (const i of [0, 1]) await writePicture(`two/${i}.png`, i)
    await engine.api.addModels([join(GENERATORS, 'rar')])
    const { modelSet } = await engine.api.snapshot()
    const { sha256 } = modelSet!.files.find(({ kind }) => kind === 'tokenizer')!
    const source = { kind: 'set', set: await add(join(folder.path, 'two')) } as const
    const otherCodebook = sha256.slice(0, 8)
    const real = await engine.api.startAtlas({ source, tokens: 'codes', otherCodebook })
    const pictures = await ended(real)
    expect(problemOf(pictures)).toBe('done')
    expect(pictures).toMatchObject({ source, tokens: 'codes', otherCodebook, codebook: sha256 })
    // The same request goes on with it; that of the codes of DiGIT is another.
    expect(await engine.api.startAtlas({ source, tokens: 'codes', otherCodebook })).toBe(real)
    await ended(real)

    const generator = { family: 'rar', settings: { guidance: 1 } } as const
    const run = await engine.api.startSample({ ...QUICK, count: 2, classes: [3], generator })
    await vi.waitFor(async () => {
      const { status } = (await engine.api.snapshot()).runs.find(({ id }) => id === run)!
      expect(status.state).toBe('done')
    }, SLOW)
    const drawn = await engine.api.startAtlas({ source: { kind: 'run', run }, tokens: 'codes' })
    expect(await ended(drawn)).toMatchObject({ codebook: sha256, info: { images: 2, cells: 512 } })
    const { usage, info } = await engine.api.readComparison(real, drawn)
    expect(info.entries).toBe(64)
    expect(usage.jensenShannon).toBeGreaterThan(0)

    const picture = readFileSync(join(folder.path, 'two/1.png'))
    const found = await engine.api.findClusters(real, 'mine.png', picture)
    expect(found.tokens).toEqual((await engine.api.readAtlasImage(real, 1)).tokens)
    await expect(
      engine.api.startAtlas({ source: { kind: 'run', run }, tokens: 'codes', otherCodebook }),
    ).rejects.toThrow('the tokens of a run are of the codebook that it recorded')
  },
  SLOW,
)
