// A run with pinned tokens, end to end: the same picture from the same tokens, and what its record says of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { textToRecord, type ImageRecord } from '../../../src/engine/records/image-record.ts'
import { keptNetworks } from '../../../src/engine/devices/network-pool.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { DrawnGrid } from '../../../src/engine/tokens/grid.ts'
import type { Pinned, SampleSpec } from '../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { QUICK } from '../../quick-request.ts'
import { maxDifference, OFFICIAL } from '../models/run-graph.ts'

const { path } = temporaryFolder()
const networks = keptNetworks()
const callbacks = { progress() {}, signal: new AbortController().signal, networks }
afterAll(() => networks.close())

async function run(name: string, change: Partial<SampleSpec> = {}) {
  const out = join(path, name)
  const masked = { ...QUICK.masked, steps: 2 }
  const all = {
    kind: 'sample',
    ...QUICK,
    masked,
    model: OFFICIAL,
    out,
    count: 2,
    shards: 1,
    shard: 0,
  } as const
  await runSample({ ...all, ...change }, callbacks)
  const count = change.count ?? 2
  const pngs = Array.from({ length: count }, (_, i) => readFileSync(join(out, 'images', `00000${i}.png`)))
  return pngs.map((png) => ({ png, record: textToRecord(png, out) }))
}

const pinnedOf = ({ discriminative, codes }: ImageRecord): Pinned => ({
  discriminative: Array.from(discriminative!.tokens),
  codes: Array.from(codes.tokens),
})
/** The pixels alone: what a PNG is without its text. */
const pixels = (png: Buffer) => {
  const at = png.indexOf('IDAT')
  return png.subarray(at - 4)
}

test('a run with all tokens pinned gives the identical picture, and records their origin', async () => {
  const drawn = await run('drawn')
  const pinned = drawn.map(({ record }) => pinnedOf(record))
  const from = { run: 'drawn', image: 0 }
  const again = await run('again', { pinned, from, seed: 99, count: 3 })
  for (const [i, { png, record }] of again.entries()) {
    const original = drawn[i % 2]!
    expect(pixels(png)).toEqual(pixels(original.png))
    expect(pinnedOf(record)).toEqual(pinned[i % 2])
    expect(record.from).toEqual(from)
    for (const grid of [record.discriminative!, record.codes])
      expect(Array.from(grid.pinned!)).toEqual(new Array(256).fill(1))
  }
  expect(drawn[0]!.record.codes).not.toHaveProperty('pinned')
})

test.each(['ar', 'nar'] as const)(
  'half of a grid stays pinned and the rest is resampled, %s',
  async (stage2) => {
    const { record } = (await run(`whole-${stage2}`, { stage2, count: 1 }))[0]!
    const left = (tokens: ArrayLike<number>) =>
      Array.from(tokens, (token, cell) => (cell % 16 < 8 ? token : -1))
    const pinned = { discriminative: left(record.discriminative!.tokens), codes: left(record.codes.tokens) }
    const halves = await run(`half-${stage2}`, { stage2, pinned: [pinned], seed: 1 })
    for (const half of halves)
      for (const grid of ['discriminative', 'codes'] as const) {
        const found = half.record[grid]!
        expect(left(found.tokens)).toEqual(pinned[grid])
        expect(found.tokens).not.toEqual(record[grid]!.tokens)
        expect(Array.from(found.pinned!)).toEqual(pinned[grid].map((token) => (token < 0 ? 0 : 1)))
      }
    expect(halves[0]!.record.codes.tokens).not.toEqual(halves[1]!.record.codes.tokens)
  },
)

// Products with 8-bit weights round their inputs to 8 bits too, where another order of sums may tip a level.
test('8-bit weights give pinned tokens the log-probabilities they were drawn with, to 0.1', async () => {
  const [drawn] = await run('drawn-8', { weightBits: 8, count: 1 })
  const pinned = [{ discriminative: pinnedOf(drawn!.record).discriminative }]
  const [again] = await run('again-8', { weightBits: 8, count: 1, pinned })
  const [a, b] = [drawn!.record.discriminative as DrawnGrid, again!.record.discriminative as DrawnGrid]
  expect(maxDifference(b.logProbabilities, a.logProbabilities)).toBeLessThan(0.1)
  expect(again!.record.codes.tokens).toEqual(drawn!.record.codes.tokens)
})

test('with common noise, images differ by only one stage', async () => {
  const [a, b] = await run('common', { commonNoise: 'stage1' })
  expect(b!.record.discriminative).toEqual(a!.record.discriminative)
  expect(b!.record.codes.tokens).not.toEqual(a!.record.codes.tokens)
  const pinned = [pinnedOf(a!.record)].map(({ discriminative }) => ({ discriminative }))
  const [c, d] = await run('common-2', { commonNoise: 'stage2', pinned })
  expect(d!.record.codes).toEqual(c!.record.codes)
})

test('a folder refuses other pinned tokens and other noise', async () => {
  const tokens = new Array<number>(256).fill(-1)
  await run('recipe', { pinned: [{ codes: tokens.with(3, 1) }] })
  const refused = /contains a run with other settings \(pinned is "[0-9a-f]{64}" there/
  await expect(run('recipe', { pinned: [{ codes: tokens.with(3, 2) }] })).rejects.toThrow(refused)
  await expect(run('recipe')).rejects.toThrow(refused)
  await expect(
    run('recipe', { pinned: [{ codes: tokens.with(3, 1) }], commonNoise: 'stage1' }),
  ).rejects.toThrow('commonNoise is missing there, "stage1" here')
  await run('nothing')
  await run('nothing', { pinned: [{ codes: tokens }, {}] })
})

test('a token outside the vocabulary is reported', async () => {
  const tokens = new Array<number>(256).fill(-1)
  await expect(run('beyond', { pinned: [{}, { discriminative: tokens.with(7, 60_000) }] })).rejects.toThrow(
    /pinned\[1\]\.discriminative: token out of range \(found 60000 at cell 7, expected 0 to \d+\)/,
  )
  await expect(run('beyond', { pinned: [{ codes: tokens.with(0, 60_000) }] })).rejects.toThrow(
    /pinned\[0\]\.codes: token out of range \(found 60000 at cell 0/,
  )
})
