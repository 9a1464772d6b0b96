// Pictures that a page hands over: made again from their tokens, compared, and read for the record inside.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, demoFolder } from '../../../src/engine/api/index.ts'
import { decodeImage, encodePng } from '../../../src/engine/images/index.ts'
import type { ImageDetails } from '../../../src/shared/contract/api.ts'
import type { WorkspaceRun } from '../../../src/shared/run/listed-run.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const { count: _count, classes: _classes, stage1Sampling: _sampling1, ...ASKED } = QUICK
const workspace = temporaryFolder().path
const IMAGES = join(demoFolder(), 'images')
const [folder] = readdirSync(IMAGES)
const [one, two] = [0, 1].map((i) => {
  const name = readdirSync(join(IMAGES, folder!))[i]!
  return { name, bytes: Uint8Array.from(readFileSync(join(IMAGES, folder!, name))) }
}) as [{ name: string; bytes: Uint8Array }, { name: string; bytes: Uint8Array }]

const engine = createEngine({ workspace, models: [demoFolder()] })
const { api } = engine
const ended = (id: () => Promise<string>) =>
  new Promise<WorkspaceRun>((resolve, reject) => {
    let mine: string | undefined
    engine.on('runChanged', (run) => {
      if (run.id === mine && ['done', 'failed', 'cancelled'].includes(run.status.state)) resolve(run)
    })
    id().then((id) => (mine = id), reject)
  })
beforeAll(() => new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve())))

describe('a reconstruction', () => {
  let run: WorkspaceRun
  let records: ImageDetails[]
  beforeAll(async () => {
    const names = ['../../etc/pässwd', 'dog.jpg']
    run = await ended(() => api.startReconstruct({ ...ASKED, drift: true }, names, [one.bytes, two.bytes]))
    records = [await api.readRecord(run.id, 0), await api.readRecord(run.id, 1)]
  })

  it('is a run like any other, with the names of its pictures', async () => {
    expect(run).toMatchObject({
      finished: 2,
      status: { state: 'done' },
      pictures: ['../../etc/pässwd', 'dog.jpg'],
    })
    expect(run.reconstruct).toEqual({ ...ASKED, drift: true })
    expect(run.request).toBeUndefined()
    expect(JSON.stringify(run)).not.toContain(workspace)
    const next = (await createEngine({ workspace }).api.snapshot()).runs.find(({ id }) => id === run.id)!
    expect(next).toMatchObject({
      finished: 2,
      status: { state: 'done' },
      pictures: run.pictures,
      reconstruct: run.reconstruct,
    })
  })

  it('never uses names as paths; its pictures are stored under their hash', () => {
    expect(readdirSync(workspace)).toContain('runs')
    expect(readdirSync(join(workspace, '..')).filter((name) => name.includes('etc'))).toEqual([])
    expect(readdirSync(join(workspace, 'runs', run.id, 'sources'))).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
  })

  it('has the tokens of each picture, and those of its result', async () => {
    for (const { discriminative, codes, drifted } of records) {
      expect([discriminative?.tokens.length, codes.tokens.length, drifted?.length]).toEqual([256, 256, 256])
      expect(discriminative!.logProbabilities).toBeUndefined()
    }
    // The tokens that drifted are those of the finished image itself, encoded on its own.
    const png = await api.readImage(run.id, 1)
    const again = await ended(() => api.startReconstruct(ASKED, ['again.png'], [png]))
    const { discriminative, drifted } = await api.readRecord(again.id, 0)
    expect(discriminative!.tokens).toEqual(records[1]!.drifted)
    expect(drifted).toBeUndefined()
  })

  it('shows the original at the size of the result', async () => {
    const source = await decodeImage(await api.readSource(run.id, 1))
    const result = await decodeImage(await api.readImage(run.id, 1))
    expect([source.width, source.height]).toEqual([result.width, result.height])
    expect(source).not.toEqual(result)
    await expect(api.readSource(run.id, 2)).rejects.toThrow('image 2: no input picture')
  })

  it('is refused with the name of a file that is not a picture, and starts nothing', async () => {
    const before = readdirSync(join(workspace, 'runs'))
    const text = new TextEncoder().encode('a letter')
    await expect(api.startReconstruct(ASKED, ['cat.jpg', 'letter.txt'], [one.bytes, text])).rejects.toThrow(
      /^letter\.txt: not a readable image/,
    )
    await expect(api.startReconstruct(ASKED, ['a', 'b'], [one.bytes])).rejects.toThrow(
      'found 2 names for 1 pictures',
    )
    expect(readdirSync(join(workspace, 'runs'))).toEqual(before)
  })
})

describe('a picture with a record inside', () => {
  it('is read in any workspace; one of another program is refused', async () => {
    const sampled = await ended(() => api.startSample({ ...QUICK, count: 2, classes: [3] }))
    const png = await api.readImage(sampled.id, 1)
    const elsewhere = createEngine({ workspace: temporaryFolder().path }).api
    expect(await elsewhere.readPicture('found.png', png)).toEqual(await api.readRecord(sampled.id, 1))
    const stripped = await encodePng(await decodeImage(png))
    await expect(elsewhere.readPicture('stripped.png', stripped)).rejects.toThrow(
      'stripped.png: no digit record (not made by this program, or its metadata was removed)',
    )
    await expect(elsewhere.readPicture('cat.jpg', new Uint8Array([0xff, 0xd8]))).rejects.toThrow(
      'cat.jpg: not a PNG',
    )
  })
})

describe('tokens of many images', () => {
  it('match their records; images that cannot be read are left out', async () => {
    const sampled = await ended(() => api.startSample({ ...QUICK, count: 3 }))
    const found = await api.readTokens(sampled.id, [2, 9, 0])
    expect(found.map(({ image }) => image)).toEqual([2, 0])
    for (const { image, discriminative, codes } of found) {
      const record = await api.readRecord(sampled.id, image)
      expect([discriminative, codes]).toEqual([record.discriminative!.tokens, record.codes.tokens])
    }
    mkdirSync(join(workspace, 'runs', 'empty'))
    expect(await api.readTokens('empty', [0])).toEqual([])
  })
})
