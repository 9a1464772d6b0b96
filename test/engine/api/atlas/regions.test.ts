// Pictures patch by patch over the real engine and the demo: tokens, features, colours, pictures handed over.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../../src/engine/api/index.ts'
import { encodePng } from '../../../../src/engine/images/index.ts'
import { atlasImageTokens } from '../../../../src/engine/runs/atlas/atlas-image.ts'
import { openAtlas } from '../../../../src/engine/runs/atlas/atlas-read.ts'
import type { RunStatus } from '../../../../src/shared/run/run.ts'
import type { AtlasRequest } from '../../../../src/shared/atlas/atlases.ts'
import type { AtlasPair } from '../../../../src/shared/atlas/codebook-comparisons.ts'
import type { PictureRef } from '../../../../src/shared/atlas/regions.ts'
import { QUICK } from '../../../quick-request.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const workspace = temporaryFolder().path
let engine: Engine
let run = ''
let kept: PictureRef
const [photo = ''] = readdirSync(join(demoFolder(), 'images'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.png'))
  .sort()

const ended = (id: string) =>
  new Promise<void>((resolve, reject) => {
    engine.on('runChanged', ({ id: changed, status }) => {
      if (changed !== id) return
      if (status.state === 'done') resolve()
      if (status.state === 'failed') reject(new Error(status.error.message))
    })
  })

beforeAll(async () => {
  engine = createEngine({ workspace, models: [demoFolder()], keepsNetworks: true })
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  run = await engine.api.startSample({ ...QUICK, count: 2 })
  await ended(run)
  const bytes = Uint8Array.from(readFileSync(join(demoFolder(), 'images', photo)))
  kept = { of: 'picture', picture: await engine.api.keepPicture('photo.png', bytes) }
})

describe('tokens of a picture', () => {
  it('are those it was sampled with, or on request those of its pixels', async () => {
    const image: PictureRef = { of: 'run', run, image: 1 }
    const record = await engine.api.readRecord(run, 1)
    const drawn = await engine.api.readPictureTokens(image, 'discriminative', false)
    expect(drawn).toMatchObject({ origin: 'drawn', tokens: record.discriminative!.tokens })
    const codes = await engine.api.readPictureTokens(image, 'codes', false)
    expect(codes.tokens).toEqual(record.codes.tokens)
    const encoded = await engine.api.readPictureTokens(image, 'discriminative', true)
    expect(encoded).toMatchObject({ origin: 'encoded', entries: drawn.entries, codebook: drawn.codebook })
    expect(encoded.distances).toHaveLength(256)
  })

  it('have colors and labels without an atlas', async () => {
    const { entries, codebook } = await engine.api.readPictureTokens(kept, 'discriminative', false)
    const clusters = await engine.api.readTokenColours('discriminative')
    expect(clusters).toMatchObject({ codebook, entries })
    expect(clusters.meaning).toHaveLength(entries! * 3)
    expect(clusters.appearance).toBeUndefined()
    expect(clusters.lacks).toBe('This needs an atlas of the codebook: build one on the Clusters page.')
    const labels = await engine.api.readCodebookLabels('discriminative')
    expect(labels.map(({ label }) => label)).toContain('mouth')
    const codes = await engine.api.readTokenColours('codes')
    expect(codes.meaning).toHaveLength(codes.entries * 3)
    expect(await engine.api.readCodebookLabels('codes')).toEqual([])
  })

  it('are the same as in an atlas that contains the file', async () => {
    const id = await engine.api.startAtlas({ source: { kind: 'demo' }, tokens: 'discriminative' })
    await new Promise<void>((resolve) => {
      engine.on('atlasChanged', (atlas) => void (atlas.id === id && atlas.info && resolve()))
    })
    const folder = join(workspace, 'atlases', id)
    const atlas = await openAtlas(folder)
    const paths = readFileSync(join(folder, 'images.txt'), 'utf8').split('\n')
    const image = paths.findIndex((path) => path.endsWith(photo.split('\\').join('/')))
    const inAtlas = await engine.api.readPictureTokens(
      { of: 'atlas', atlas: id, image },
      'discriminative',
      false,
    )
    expect(inAtlas.origin).toBe('atlas')
    const own = await engine.api.readPictureTokens(kept, 'discriminative', false)
    const same = own.tokens.filter((token, cell) => token === inAtlas.tokens[cell])
    // Batches of another size may round a near-tie the other way.
    expect(same.length).toBeGreaterThan(250)
    expect(own.codebook).toBe(inAtlas.codebook)
    expect((await engine.api.listAtlases())[0]!.codebook).toBe(inAtlas.codebook)
    const { appearance, entries } = await engine.api.readTokenColours('discriminative')
    expect(appearance).toHaveLength(entries * 3)
    // Every cell of the lists is found again.
    const { cells } = await atlas.table()
    const last = await atlasImageTokens(folder, atlas, atlas.info.images - 1)
    const k = last.tokens[77]!
    const places = await atlas.examples(k, 0, cells[k]!)
    const place = places.find((found) => found.image === atlas.info.images - 1 && found.cell === 77)
    expect(place?.distance).toBe(last.distances![77])
    await expect(
      engine.api.readPictureTokens(
        { of: 'atlas', atlas: id, image: atlas.info.images },
        'discriminative',
        false,
      ),
    ).rejects.toThrow(`has 0 to ${atlas.info.images - 1}`)
  }, 300_000)
})

describe('two codebooks', () => {
  const statusOf = (pair: AtlasPair) =>
    new Promise<RunStatus>((resolve) => {
      const stop = engine.on('codebooksChanged', ({ a, b, status }) => {
        if (a !== pair.a || b !== pair.b || ['queued', 'running'].includes(status.state)) return
        stop()
        resolve(status)
      })
    })
  const atlasOf = async (request: AtlasRequest) => {
    const id = await engine.api.startAtlas(request)
    await new Promise<void>((resolve) => {
      engine.on('atlasChanged', (atlas) => void (atlas.id === id && atlas.info && resolve()))
    })
    return id
  }

  it('are compared over the same pictures', async () => {
    const b = await atlasOf({ source: { kind: 'demo' }, tokens: 'codes' })
    const a = (await engine.api.listAtlases()).find(({ tokens }) => tokens === 'discriminative')!
    const pair = { a: a.id, b }
    expect(await engine.api.readCodebooks(pair)).toBeUndefined()
    const ended = statusOf(pair)
    await engine.api.startCodebooks(pair)
    expect(await ended).toMatchObject({ state: 'done' })
    const found = (await engine.api.readCodebooks(pair))!
    expect(found.images).toBe(a.info!.images)
    expect(found.a).toMatchObject({ entries: a.info!.entries, used: a.info!.entries - a.info!.dead })
    expect(found.a.perplexity).toBeCloseTo(a.info!.perplexity, 6)
    expect(found.a.quantisationError).toBeCloseTo(a.info!.quantisationError!, 3)
    // Codes and clusters lie in different spaces: they are matched by what they have in common alone.
    expect(found.matchings.map(({ by }) => by)).toEqual(['overlap'])
    const { match, share } = found.matchings[0]!
    const { cells } = (await engine.api.readAtlas(pair.a)).table
    cells.forEach((count, k) => {
      expect(match[k]! >= 0).toBe(count > 0)
      expect(Number.isNaN(share[k]!)).toBe(count === 0)
    })
    await expect(engine.api.startCodebooks({ a: b, b })).rejects.toThrow(
      'cannot compare an atlas with itself',
    )
  }, 300_000)

  it('are refused over different pictures, even with the same file names', async () => {
    const other = await engine.api.startSample({ ...QUICK, count: 2, seed: 5 })
    await ended(other)
    const a = await atlasOf({ source: { kind: 'run', run }, tokens: 'codes' })
    const b = await atlasOf({ source: { kind: 'run', run: other }, tokens: 'codes' })
    const refused = statusOf({ a, b })
    await engine.api.startCodebooks({ a, b })
    const status = await refused
    expect(status).toMatchObject({ state: 'failed' })
    expect(JSON.stringify(status)).toContain('different pictures in')
    expect(JSON.stringify(status)).not.toContain(workspace)
    const demo = (await engine.api.listAtlases()).find(({ source }) => source.kind === 'demo')!
    const fewer = statusOf({ a: demo.id, b })
    await engine.api.startCodebooks({ a: demo.id, b })
    expect(JSON.stringify(await fewer)).toContain('must contain the same pictures')
  }, 300_000)

  it('are compared with another open codebook, found by its hash', async () => {
    const request = { source: { kind: 'demo' }, tokens: 'discriminative', otherCodebook: '00000000' } as const
    await expect(engine.api.startAtlas(request)).rejects.toThrow(
      "codebook '00000000': not among the open models",
    )
    const { modelSet } = await engine.api.snapshot()
    const { sha256 } = modelSet!.files.find(({ kind }) => kind === 'codebook')!
    const id = await atlasOf({ ...request, otherCodebook: sha256.slice(0, 8) })
    expect(id).toMatch(new RegExp(`^demo\\.[0-9a-f]{8}\\.${sha256.slice(0, 8)}-discriminative$`))
    const own = (await engine.api.listAtlases()).find(
      ({ source, tokens, otherCodebook }) =>
        source.kind === 'demo' && tokens === 'discriminative' && otherCodebook === undefined,
    )!
    const pair = { a: own.id, b: id }
    const ended = statusOf(pair)
    await engine.api.startCodebooks(pair)
    await ended
    // The same codebook twice agrees with itself in everything.
    const found = (await engine.api.readCodebooks(pair))!
    expect(found.normalisedMutualInformation).toBeCloseTo(1, 9)
    expect(found.matchings.map(({ by, agreement }) => [by, agreement])).toEqual([
      ['overlap', 1],
      ['nearest', 1],
    ])
  }, 300_000)
})

describe('features of a picture', () => {
  it('are at the recorded distance to the centroids of its tokens', async () => {
    const { features, width } = await engine.api.readPatchFeatures(kept)
    expect(features).toHaveLength(256 * width)
    const { tokens, distances } = await engine.api.readPictureTokens(kept, 'discriminative', false)
    const path = readdirSync(join(demoFolder(), 'data'), { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.npy'),
    )!
    const npy = readFileSync(join(demoFolder(), 'data', path))
    const start = 10 + npy.readUInt16LE(8)
    const centroid = (k: number, i: number) => npy.readFloatLE(start + (k * width + i) * 4)
    for (const cell of [0, 100, 255]) {
      let sum = 0
      for (let i = 0; i < width; i++) sum += (features[cell * width + i]! - centroid(tokens[cell]!, i)) ** 2
      expect(sum).toBeCloseTo(distances![cell]!, 2)
    }
  })

  it('become colors, for one picture and for several together', async () => {
    const pictures: PictureRef[] = [kept, { of: 'run', run, image: 0 }]
    const alone = await engine.api.readPatchColours([kept], false)
    expect(alone.pixels).toHaveLength(256 * 4)
    expect(alone.shares).toHaveLength(3)
    const together = await engine.api.readPatchColours(pictures, true)
    expect(together.pixels).toHaveLength(2 * 256 * 4)
    const opaque = together.pixels.filter((value, i) => i % 4 === 3 && value === 255)
    expect(opaque).toHaveLength(together.patches)
  })
})

describe('uploaded pictures', () => {
  it('are stored once by content, shown as squares, listed and removed', async () => {
    const wide = await encodePng({ rgb: new Uint8Array(40 * 20 * 3).fill(99), width: 40, height: 20 })
    const id = await engine.api.keepPicture('wide.png', wide)
    expect(await engine.api.keepPicture('wide.png', wide)).toBe(id)
    expect((await engine.api.listPictures()).map(({ name }) => name).sort()).toEqual([
      'photo.png',
      'wide.png',
    ])
    const shown = await engine.api.readSquarePicture({ of: 'picture', picture: id })
    const view = new DataView(shown.buffer, shown.byteOffset)
    expect(view.getUint32(16)).toBe(view.getUint32(20))
    await engine.api.removePicture(id)
    await expect(engine.api.readSquarePicture({ of: 'picture', picture: id })).rejects.toThrow('not found')
  })

  it('are refused if they are not images', async () => {
    await expect(engine.api.keepPicture('notes.txt', Uint8Array.from([1, 2, 3]))).rejects.toThrow('notes.txt')
  })
})
