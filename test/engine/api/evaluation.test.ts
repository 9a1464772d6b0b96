// A measurement of the workspace from adding a folder to the nearest real images, over the contract.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../src/engine/api/index.ts'
import { writeNpz } from '../../../src/engine/bytes/index.ts'
import { encodePng } from '../../../src/engine/images/index.ts'
import type { EvaluateRequest, Evaluation, SetSource } from '../../../src/shared/evaluation/measurements.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const CLASSES = 2
const EACH = 6
const ALL = CLASSES * EACH
const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const place = (name: string) => join(folder.path, name)

/** An engine with the demo open. */
async function openEngine(): Promise<Engine> {
  const engine = createEngine({ workspace, models: [demoFolder()] })
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  return engine
}

/** Real pictures of the demo, `EACH` of each class; samples begin where the real ones end, but for one of each. */
beforeAll(() => {
  const classes = readdirSync('resources/demo/images').sort().slice(0, CLASSES)
  for (const name of classes) {
    const files = readdirSync(join('resources/demo/images', name)).sort()
    for (const [set, from] of [
      ['real', 0],
      ['samples', EACH - 1],
    ] as const) {
      mkdirSync(join(place(set), name), { recursive: true })
      for (const file of files.slice(from, from + EACH))
        cpSync(join('resources/demo/images', name, file), join(place(set), name, file))
    }
  }
})

let engine: Engine
const sourceOf = async (name: string): Promise<SetSource> =>
  (await engine.api.listImageSets()).find((set) => set.name === name)!.source
const asked = async (changes: Partial<EvaluateRequest> = {}): Promise<EvaluateRequest> => ({
  samples: await sourceOf('samples'),
  reference: await sourceOf('real'),
  protocol: 'dinov2',
  confidence: false,
  perClass: true,
  ...changes,
})
/** Starts it and waits for how it ends. */
const ended = (request: EvaluateRequest, during?: (now: Evaluation) => void) =>
  new Promise<Evaluation>((resolve, reject) => {
    const stop = engine.on('evaluationChanged', (now) => {
      if (now.status.state === 'queued' || now.status.state === 'running') return during?.(now)
      stop()
      resolve(now)
    })
    engine.api.startEvaluation(request).catch(reject)
  })

beforeAll(async () => {
  engine = await openEngine()
  await engine.api.addImages([place('samples'), place('real')])
})

describe('image sets', () => {
  it('are listed after the demo’s pictures, by name and without paths', async () => {
    const sets = await engine.api.listImageSets()
    expect(sets.map(({ name, kind, images, hasClasses }) => ({ name, kind, images, hasClasses }))).toEqual([
      { name: 'Demo pictures', kind: 'images', images: expect.any(Number), hasClasses: true },
      { name: 'real', kind: 'images', images: CLASSES * EACH, hasClasses: true },
      { name: 'samples', kind: 'images', images: CLASSES * EACH, hasClasses: true },
    ])
    expect(JSON.stringify(sets)).not.toContain(folder.path)
  })

  it('return each image as it is measured, by number', async () => {
    const { name, png } = await engine.api.readSetPicture(await sourceOf('real'), 3)
    expect(name).toMatch(/^[^/]+\/[^/]+\.png$/)
    expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG')
    await expect(engine.api.readSetPicture(await sourceOf('real'), 999)).rejects.toThrow(
      'real: image 999 not found',
    )
  })

  it('return images of any size, whatever the size of the first', async () => {
    for (const [name, width, height] of [
      ['0', 64, 64],
      ['1', 40, 48],
      ['2', 700, 700],
    ] as const) {
      const png = sharp({ create: { width, height, channels: 3, background: 'grey' } }).png()
      folder.write(`any size/${name}.png`, await png.toBuffer())
    }
    await engine.api.addImages([place('any size')])
    const source = await sourceOf('any size')
    const sizes = [0, 1, 2].map(async (image) => {
      const { width, height } = await sharp((await engine.api.readSetPicture(source, image)).png).metadata()
      return [width, height]
    })
    expect(await Promise.all(sizes)).toEqual([
      [64, 64],
      [256, 256],
      [256, 256],
    ])
    if (source.kind === 'set') await engine.api.removeImageSet(source.set)
  })

  it('that cannot be measured are refused, with the name', async () => {
    folder.write('empty/notes.txt', '')
    folder.write('cut.npz', 'PK\u0003\u0004 and no more')
    await writeNpz(place('nan.npz'), {
      mu: { data: Float64Array.of(1, NaN) },
      sigma: { data: new Float64Array(4), shape: [2, 2] },
    })
    await expect(engine.api.addImages([place('empty')])).rejects.toThrow('no images found in empty')
    await expect(engine.api.addImages([place('cut.npz')])).rejects.toThrow(/^cut\.npz: /)
    await expect(engine.api.addImages([place('nan.npz')])).rejects.toThrow(
      'nan.npz: mu contains NaN at element 1',
    )
    expect(await engine.api.listImageSets()).toHaveLength(3)
  })

  it('of lossy files have a warning with the name', async () => {
    const pixels = { width: 64, height: 64, channels: 3, background: 'red' } as const
    mkdirSync(place('lossy'))
    await sharp({ create: pixels })
      .jpeg()
      .toFile(join(place('lossy'), '0.jpg'))
    await engine.api.addImages([place('lossy')])
    const lossy = (await engine.api.listImageSets()).find(({ name }) => name === 'lossy')!
    expect(lossy.notes).toEqual([
      '1 of 1 images in lossy are JPEG or WebP: lossy compression changes every metric',
    ])
    if (lossy.source.kind === 'set') await engine.api.removeImageSet(lossy.source.set)
  })

  it('that no longer exist are reported and can be removed from the list', async () => {
    const picture = await encodePng({ rgb: new Uint8Array(64 * 64 * 3), width: 64, height: 64 })
    folder.write('gone/0.png', picture)
    await engine.api.addImages([place('gone')])
    rmSync(place('gone'), { recursive: true })
    const gone = (await engine.api.listImageSets()).find(({ name }) => name === 'gone')!
    expect(gone.problem).toBe('gone: no longer exists')
    if (gone.source.kind === 'set') await engine.api.removeImageSet(gone.source.set)
    expect(await engine.api.listImageSets()).toHaveLength(3)
  })
})

it('lists the protocols that can be used, and what is missing for the others', async () => {
  const [fidelity, adm, dinov2] = await engine.api.listProtocols()
  expect(dinov2).toMatchObject({ name: 'dinov2', file: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } })
  expect([fidelity!.missing, adm!.missing]).toEqual([
    expect.stringContaining('weights-inception-2015-12-05-6726825d.pth'),
    expect.stringContaining('weights-inception-2015-12-05-6726825d.pth'),
  ])
  await expect(engine.api.startEvaluation(await asked({ protocol: 'adm' }))).rejects.toThrow(
    'this protocol requires',
  )
})

describe('a measurement', () => {
  it('stopped in the middle can be resumed in another session', async () => {
    const request = await asked()
    expect(await engine.api.estimateEvaluation(request)).toMatchObject({
      samples: { images: ALL, left: ALL },
      reference: { images: ALL, left: ALL },
    })
    const { status } = await ended(request, ({ id, status }) => {
      if (status.state === 'running' && status.step >= 8) void engine.api.cancelEvaluation(id)
    })
    expect(status.state).toBe('cancelled')
    const [left] = await createEngine({ workspace }).api.listEvaluations()
    expect(left).toMatchObject({ request, status: { state: 'cancelled' } })
    const cost = await engine.api.estimateEvaluation(request)
    expect(cost.samples.left + cost.reference.left).toBeLessThan(2 * ALL)
  })

  it('is resumed, stored and reported, and finds the nearest real images', async () => {
    const added: string[] = []
    engine.on('measurementAdded', ({ id }) => added.push(id))
    const searched = new Promise<void>((resolve) =>
      engine.on('nearestChanged', ({ status }) => status.state === 'done' && resolve()),
    )
    const { measurement, status } = await ended(await asked())
    expect(status.state).toBe('done')
    expect(added).toEqual([measurement])
    expect(await engine.api.listEvaluations()).toEqual([])
    const [stored] = await engine.api.listMeasurements()
    expect(stored).toMatchObject({ id: measurement, ...(await setsOf()), stamp: { metric: 'dinov2' } })
    expect(JSON.stringify(stored)).not.toContain(folder.path)

    await searched
    const { k, index, distance, real } = (await engine.api.readNearest(measurement!))!
    expect([index.length, distance.length, real.length]).toEqual([ALL * k, ALL * k, ALL])
    // The first sample of each class is the last real picture of it, and at no distance from itself.
    for (const [sample, copy] of [
      [0, EACH - 1],
      [EACH, 2 * EACH - 1],
    ] as const) {
      expect(index[sample * k]).toBe(copy)
      expect(distance[sample * k]).toBeLessThan(1e-3)
      expect(distance[(sample + 1) * k]).toBeGreaterThan(1)
    }
    const rows = Array.from({ length: ALL }, (_, i) => distance.subarray(i * k, (i + 1) * k))
    for (const row of rows) expect([...row].sort((a, b) => a - b)).toEqual([...row])
    expect(Math.min(...real)).toBeGreaterThan(1)
  })

  it('requested again is the same one', async () => {
    const before = await engine.api.listMeasurements()
    const { measurement } = await ended(await asked())
    expect(measurement).toBe(before[0]!.id)
    expect(await engine.api.listMeasurements()).toEqual(before)
  })

  it('of a set that has changed since refuses to show nearest images', async () => {
    const { id } = (await engine.api.listMeasurements())[0]!
    const picture = await encodePng({ rgb: new Uint8Array(64 * 64 * 3), width: 64, height: 64 })
    const more = join(place('real'), readdirSync(place('real'))[0]!, 'zzz.png')
    writeFileSync(more, picture)
    await expect(engine.api.readNearest(id)).rejects.toThrow('real has changed since it was measured')
    rmSync(more)
    expect(await engine.api.readNearest(id)).toBeDefined()
  })
})

const setsOf = async () => ({ samples: await sourceOf('samples'), reference: await sourceOf('real') })

describe('a measurement is refused or fails without paths in the error', () => {
  it('with one image', async () => {
    const picture = await encodePng({ rgb: new Uint8Array(64 * 64 * 3), width: 64, height: 64 })
    folder.write('one/0.png', picture)
    await engine.api.addImages([place('one')])
    await expect(
      engine.api.estimateEvaluation(await asked({ samples: await sourceOf('one') })),
    ).rejects.toThrow(/^one: needs at least 2 images, got 1/)
  })

  it('with statistics of other features', async () => {
    await writeNpz(place('other.npz'), {
      mu: { data: new Float64Array(3) },
      sigma: { data: new Float64Array(9), shape: [3, 3] },
    })
    await engine.api.addImages([place('other.npz')])
    await expect(
      engine.api.estimateEvaluation(await asked({ reference: await sourceOf('other.npz') })),
    ).rejects.toThrow(/^other\.npz: wrong dimensions for dinov2 features \(found 3, expected \d+\)/)
  })

  it('with images of mixed sizes', async () => {
    cpSync(place('samples'), place('mixed'), { recursive: true })
    const odd = await encodePng({ rgb: new Uint8Array(64 * 60 * 3), width: 64, height: 60 })
    writeFileSync(join(place('mixed'), readdirSync(place('mixed'))[1]!, 'zzz.png'), odd)
    await engine.api.addImages([place('mixed')])
    const { id, status } = await ended(await asked({ samples: await sourceOf('mixed') }))
    expect(status).toMatchObject({
      state: 'failed',
      error: {
        message: expect.stringMatching(
          /^mixed: image sizes differ: (\d+) x \1 \(\d+ images\), 64 x 60 \(1, the first is .*zzz\.png\)/,
        ),
      },
    })
    expect(await engine.api.listEvaluations()).toHaveLength(1)
    await engine.api.dismissEvaluation(id)
    expect(await engine.api.listEvaluations()).toEqual([])
  })
})
