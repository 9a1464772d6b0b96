// Runs over networks that stay open: the same images as without, whatever happened to the run before.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { textToRecord } from '../../../src/engine/records/image-record.ts'
import { keptNetworks, type Networks } from '../../../src/engine/devices/network-pool.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { QUICK } from '../../quick-request.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const { path } = temporaryFolder()
const kept = keptNetworks()
afterAll(() => kept.close())

let runs = 0
/** Makes two images and returns what they say of themselves, and which networks were opened for them. */
async function run(change: Partial<SampleSpec> = {}, networks?: Networks, stop?: AbortController) {
  const out = join(path, `run-${runs++}`)
  const opened: string[] = []
  const watched = networks && {
    ...networks,
    lease() {
      const { use, close } = networks.lease()
      return {
        close,
        use: <N extends { close(): Promise<void> }>(name: string, bytes: number, open: () => Promise<N>) =>
          use(name, bytes, () => {
            opened.push(name.split(' ')[0]!)
            return open()
          }),
      }
    },
  }
  const all = { kind: 'sample', ...QUICK, model: OFFICIAL, count: 2, shards: 1, shard: 0 } as const
  await runSample(
    { ...all, out, ...change },
    {
      progress() {},
      signal: stop?.signal ?? new AbortController().signal,
      preview: () => stop?.abort(new Error('enough')),
      ...(watched ? { networks: watched } : {}),
    },
  )
  const images = [0, 1].map((i) => textToRecord(readFileSync(join(out, `images/00000${i}.png`)), out))
  return { images, opened }
}

test('runs with other settings reuse networks, and give the same images as new ones', async () => {
  const change: Partial<SampleSpec> = {
    stage1Sampling: { temperature: 0.7, topK: 0, topP: 0.9 },
    stage2Sampling: { temperature: 1.2, topK: 30, topP: 0 },
    masked: { steps: 3, choiceTemperature: 1 },
    seed: 8,
  }
  const pinned = [{ codes: Array.from({ length: 256 }, (_, i) => (i % 2 ? i % 40 : -1)) }]
  const first = await run({}, kept)
  expect(first.opened).toEqual(['grids', 'grids', 'pixels'])
  const second = await run({ ...change, pinned }, kept)
  const third = await run(change, kept)
  expect([second.opened, third.opened]).toEqual([[], []])
  const alone = [await run(), await run({ ...change, pinned }), await run(change)]
  expect([first.images, second.images, third.images]).toEqual(alone.map(({ images }) => images))
  const other = await run({ stage2: 'ar' }, kept)
  expect(other.opened).toEqual(['grids'])
})

test('networks stay usable after a cancelled run', async () => {
  const expected = await run({ seed: 2 })
  const cancelled = run({ seed: 1, count: 64 }, kept, new AbortController())
  await expect(cancelled).rejects.toThrow('enough')
  expect((await run({ seed: 2 }, kept)).images).toEqual(expected.images)
})

test('a file that changed on disk is opened as another network', async () => {
  const model = join(path, 'models')
  cpSync(OFFICIAL, model, { recursive: true })
  const before = await run({ model }, kept)
  expect(before.opened).toEqual([])
  const file = join(model, 'models/vqgan_jax_strongaug.ckpt')
  const bytes = readFileSync(file)
  // A mantissa here and there.
  for (let at = bytes.length >> 1; at < (bytes.length >> 1) + 4000; at += 4) bytes[at]! ^= 1
  writeFileSync(file, bytes)
  const after = await run({ model }, kept)
  expect(after.opened).toEqual(['pixels'])
  expect(after.images[0]!.recipe.vqgan).not.toBe(before.images[0]!.recipe.vqgan)
  expect(after.images).toEqual((await run({ model })).images)
})

const quick = (out: string, model = OFFICIAL) =>
  ({ kind: 'sample', ...QUICK, model, count: 2, shards: 1, shard: 0, out }) as const
const signal = new AbortController().signal

test('damaged images of a run are set aside and made again', async () => {
  const out = join(path, 'damaged')
  await runSample(quick(out), { progress() {}, signal, networks: kept })
  const files = ['000000.png', '000001.png'].map((name) => join(out, 'images', name))
  const whole = files.map((file) => readFileSync(file))
  const flipped = Buffer.from(whole[0]!)
  flipped[flipped.indexOf('IDAT') + 40]! ^= 1
  writeFileSync(files[0]!, flipped)
  writeFileSync(files[1]!, '')
  const { summary } = await runSample(quick(out), { progress() {}, signal, networks: kept })
  expect(summary).toMatch(
    /^2 images \(2 new, 2 damaged made again: 000000\.png, IDAT .*: checksum mismatch\)/,
  )
  expect(files.map((file) => readFileSync(file))).toEqual(whole)
  expect(readFileSync(`${files[0]}.damaged`)).toEqual(flipped)
  expect(readdirSync(join(out, 'images'))).toHaveLength(4)
})

test('no image is written once a file of the models is another', async () => {
  const [model, out] = [join(path, 'changing'), join(path, 'changed')]
  cpSync(OFFICIAL, model, { recursive: true })
  const file = join(model, 'models/vqgan_jax_strongaug.ckpt')
  const run = runSample(quick(out, model), {
    progress() {},
    signal,
    preview: () => writeFileSync(file, readFileSync(file).fill(0, 0, 4)),
  })
  await expect(run).rejects.toThrow('vqgan_jax_strongaug.ckpt: changed since its sha256 was computed')
  expect(readdirSync(join(out, 'images'))).toEqual([])
})
