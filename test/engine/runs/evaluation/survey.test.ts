// What is wrong with the images of a measurement: told at once for both sets, or left out and recorded.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodePng } from '../../../../src/engine/images/index.ts'
import { openImageSet } from '../../../../src/engine/runs/evaluation/image-set.ts'
import { runEvaluate } from '../../../../src/engine/runs/evaluation/evaluate.ts'
import { runNearest, readNearest } from '../../../../src/engine/runs/evaluation/nearest.ts'
import { surveyed } from '../../../../src/engine/runs/evaluation/survey.ts'
import { runReference } from '../../../../src/engine/runs/evaluation/write-reference.ts'
import { readStamps } from '../../../../src/engine/records/stamps.ts'
import type { SetProblemsError } from '../../../../src/shared/evaluation/set-problems.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { DEMO } from '../../models/run-graph.ts'

const folder = temporaryFolder()
const place = (name: string) => join(folder.path, name)
const callbacks = () => ({ signal: new AbortController().signal, progress: () => {} })

/** Twelve pictures, of which the first is a text, the second is cut, and the sixth is damaged in the middle. */
beforeAll(async () => {
  const classes = join('resources', 'demo', 'images')
  const from = join(classes, readdirSync(classes).sort()[0]!)
  for (const set of ['whole', 'broken', 'sizes']) {
    mkdirSync(place(set))
    for (const [i, file] of readdirSync(from).sort().slice(0, 12).entries())
      cpSync(join(from, file), join(place(set), `${String(i).padStart(2, '0')}.png`))
  }
  writeFileSync(join(place('broken'), '00.png'), 'not an image')
  const second = readFileSync(join(place('broken'), '01.png'))
  writeFileSync(join(place('broken'), '01.png'), second.subarray(0, second.length / 2))
  const sixth = readFileSync(join(place('broken'), '05.png'))
  const middle = Math.floor(sixth.length / 2)
  sixth.fill(0, middle, middle + 64)
  writeFileSync(join(place('broken'), '05.png'), sixth)
  const odd = await encodePng({ rgb: new Uint8Array(64 * 60 * 3), width: 64, height: 60 })
  for (const name of ['03', '07']) writeFileSync(join(place('sizes'), `${name}.png`), odd)
})

const spec = (changes: { images?: string; reference?: string; skipUnreadable?: boolean; out?: string }) => ({
  model: DEMO,
  device: 'cpu' as const,
  images: place('whole'),
  reference: place('whole'),
  protocol: 'dinov2' as const,
  out: place('out'),
  ...changes,
})
const evaluate = (changes: Parameters<typeof spec>[0]) =>
  runEvaluate({ kind: 'evaluate', ...spec(changes), confidence: false, perClass: false }, callbacks())
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => Promise.reject(new Error('was not refused')),
    (error: SetProblemsError) => error,
  )

describe('before anything is computed', () => {
  test('unreadable images and sizes of both sets are told together', async () => {
    const error = await refusal(evaluate({ images: place('broken'), reference: place('sizes') }))
    expect(error.sets).toMatchObject([{ count: 12, unreadable: [{ name: '00.png' }, { name: '01.png' }] }])
    // The reference is resized to the samples, so its sizes are no problem.
    const both = await refusal(evaluate({ images: place('sizes'), reference: place('broken') }))
    expect(both.sets.map(({ sizes, unreadable }) => [sizes.length, unreadable.length])).toEqual([
      [2, 0],
      [0, 2],
    ])
    expect(both.sets[0]!.sizes[1]).toEqual({ width: 64, height: 60, count: 2, first: '03.png' })
    expect(both.message).toMatch(
      /sizes: image sizes differ: 128 x 128 \(10 images\), 64 x 60 \(2, the first is 03\.png\); use --size/,
    )
    expect(both.message).toMatch(
      /broken: 2 of 12 images cannot be read; use --skip-unreadable to leave them out and record it\n {2}00\.png: not a readable image/,
    )
  })

  test('damage that only decoding finds brings all of it', async () => {
    const set = 'later'
    cpSync(place('broken'), place(set), { recursive: true })
    for (const name of ['00', '01'])
      cpSync(join(place('whole'), `${name}.png`), join(place(set), `${name}.png`))
    const sixth = readFileSync(join(place(set), '05.png'))
    writeFileSync(join(place(set), '09.png'), sixth)
    const error = await refusal(evaluate({ images: place(set) }))
    expect(error.sets).toMatchObject([{ unreadable: [{ name: '05.png' }, { name: '09.png' }] }])
  })

  test('a file that was repaired is looked at again', async () => {
    const set = 'repaired'
    cpSync(place('broken'), place(set), { recursive: true })
    const open = () => openImageSet(place(set))
    await refusal(surveyed([await open()], false, callbacks()))
    for (const name of ['00', '01', '05'])
      cpSync(join(place('whole'), `${name}.png`), join(place(set), `${name}.png`))
    const [repaired] = await surveyed([await open()], false, callbacks())
    expect(repaired!.count).toBe(12)
  })
})

describe('skipped', () => {
  test('images are named in the stamp, and the numbers are those of the others', async () => {
    await evaluate({ images: place('broken'), skipUnreadable: true, out: place('skipped') })
    const [stamp] = await readStamps(join(place('skipped'), 'metrics.jsonl'))
    expect(stamp!.samples).toMatchObject({
      n: 9,
      skipped: ['00', '01', '05'].map((name) => ({ name: `${name}.png` })),
    })
    expect(stamp!.badges).toContainEqual(
      expect.stringMatching(/^skipped 3 of 12 images in .*broken that cannot/),
    )
    mkdirSync(place('others'))
    for (const name of readdirSync(place('broken')))
      if (!['00.png', '01.png', '05.png'].includes(name))
        cpSync(join(place('broken'), name), join(place('others'), name))
    await evaluate({ images: place('others'), out: place('kept') })
    const [others] = await readStamps(join(place('kept'), 'metrics.jsonl'))
    expect(stamp!.results).toEqual(others!.results)
  })

  test('nearest real images keep the numbers that they have in the folder', async () => {
    const out = place('nearest')
    await runNearest(
      { kind: 'nearest', ...spec({ reference: place('broken'), skipUnreadable: true, out }) },
      callbacks(),
    )
    const { index, k } = (await readNearest(out))!.found
    // Sample i is picture i of the reference where that can be read.
    for (const image of [2, 3, 4, 6, 11]) expect(index[image * k]).toBe(image)
    expect([...index].some((image) => [0, 1, 5].includes(image))).toBe(false)
  })

  test('nearest real images of skipped samples stay empty', async () => {
    const out = place('nearest-samples')
    await runNearest(
      { kind: 'nearest', ...spec({ images: place('broken'), skipUnreadable: true, out }) },
      callbacks(),
    )
    const { index, distance, k } = (await readNearest(out))!.found
    for (let image = 0; image < 12; image++) {
      const isSkipped = [0, 1, 5].includes(image)
      expect([index[image * k], Number.isNaN(distance[image * k])]).toEqual([
        isSkipped ? -1 : image,
        isSkipped,
      ])
    }
  })

  test('a reference file says which images it lacks', async () => {
    const out = place('reference.npz')
    const { images, model, device, protocol } = spec({ images: place('broken') })
    const asked = { kind: 'reference' as const, images, model, device, protocol, out, keep: 0 }
    await refusal(runReference(asked, callbacks()))
    await runReference({ ...asked, skipUnreadable: true }, callbacks())
    expect(JSON.parse(readFileSync(place('reference.json'), 'utf8')).images).toMatchObject({
      n: 9,
      skipped: [{ name: '00.png' }, { name: '01.png' }, { name: '05.png' }],
    })
  })

  test('at least two readable images are needed', async () => {
    mkdirSync(place('few'))
    cpSync(join(place('whole'), '02.png'), join(place('few'), 'a.png'))
    for (const name of ['b', 'c']) writeFileSync(join(place('few'), `${name}.png`), 'no')
    await expect(evaluate({ images: place('few'), skipUnreadable: true })).rejects.toThrow(
      /few: needs at least 2 readable images, found 1 of 3$/,
    )
  })
})
