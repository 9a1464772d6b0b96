// Tokenizing against the original code's tokens, and what happens to a data set whose folder does not hold still.
import { rmSync, utimesSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodePng } from '../../../src/engine/images/index.ts'
import type { RunCallbacks } from '../../../src/engine/devices/callbacks.ts'
import { readDatasetRecord } from '../../../src/engine/records/token-dataset.ts'
import { runTokenize } from '../../../src/engine/runs/tokenize.ts'
import type { TokenRow } from '../../../src/engine/tokens/dataset/rows.ts'
import { readTokenShards } from '../../../src/engine/tokens/dataset/shards.ts'
import type { TokenizeSpec } from '../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL, reference } from '../models/run-graph.ts'

const folder = temporaryFolder()
const pictures = join(folder.path, 'pictures')
const SIDE = 256

beforeAll(async () => {
  const images = Uint8Array.from(await reference('image_u8'))
  for (let i = 0; i < 4; i++) {
    const rgb = images.slice(i * SIDE * SIDE * 3, (i + 1) * SIDE * SIDE * 3)
    folder.write(
      `pictures/${i < 2 ? 'cat' : 'dog'}/${i}.png`,
      await encodePng({ rgb, width: SIDE, height: SIDE }),
    )
  }
  folder.write('pictures/cat/broken.png', 'no picture')
  folder.write('pictures/dog/empty.jpg', '')
})

const specFor = (out: string): TokenizeSpec => ({
  kind: 'tokenize',
  model: OFFICIAL,
  out: join(folder.path, out),
  device: 'cpu',
  batchSize: 1,
  weightBits: 32,
  images: [pictures],
})

/** Callbacks that stop the run once `stopAt` pictures are done. */
function callbacks(stopAt = Infinity): RunCallbacks {
  const controller = new AbortController()
  return {
    signal: controller.signal,
    progress: (step, _, note) => {
      if (note === 'pictures' && step >= stopAt) controller.abort(new Error('stopped'))
    },
  }
}

const rowsOf = async (out: string): Promise<TokenRow[]> => {
  const rows: TokenRow[] = []
  for await (const some of readTokenShards(join(folder.path, out), { grids: ['discriminative', 'codes'] }))
    rows.push(...some)
  return rows
}

describe('tokenize', () => {
  it('gives the tokens of the original code, with class, hash and distance, and reports unreadable pictures', async () => {
    const { finished, summary } = await runTokenize(specFor('whole'), callbacks())
    expect(finished).toBe(4)
    expect(summary).toContain('2 skipped because they could not be read')
    const rows = await rowsOf('whole')
    expect(rows.map(({ path, class: label }) => [path, label])).toEqual([
      ['cat/0.png', 0],
      ['cat/1.png', 0],
      ['dog/2.png', 1],
      ['dog/3.png', 1],
    ])
    const [tokens, margin, vqTokens, vqMargin] = [
      await reference('sem_tokens'),
      await reference('sem_margin'),
      await reference('vq_tokens'),
      await reference('vq_margin'),
    ]
    const found = rows.flatMap((row) => Array.from(row.discriminative!.tokens))
    const codes = rows.slice(0, 2).flatMap((row) => Array.from(row.codes!.tokens))
    // Nearer than that, the order of sums decides: see shared fixtures.
    expect(found.filter((token, i) => token !== tokens[i] && margin[i]! > 1e-3)).toEqual([])
    expect(codes.filter((token, i) => token !== vqTokens[i] && vqMargin[i]! > 1e-3)).toEqual([])
    const unreadable = await readFile(join(folder.path, 'whole/unreadable.txt'), 'utf8')
    expect(unreadable).toMatch(/broken\.png: not a readable image.*\n.*empty\.jpg: .*the file is empty\n/)
    const record = await readDatasetRecord(join(folder.path, 'whole'))
    expect([record.root, record.classNames, record.images]).toEqual([pictures, ['cat', 'dog'], 4])
    const distances = rows.flatMap((row) => Array.from(row.discriminative!.distances!))
    expect(record.quantisationError!.discriminative).toBeCloseTo(
      distances.reduce((sum, d) => sum + d, 0) / distances.length,
      10,
    )
    const lines = (await readFile(join(folder.path, 'whole/discriminative.codecs'), 'utf8'))
      .trim()
      .split('\n')
    expect(lines.map((line) => line.split(' ').map(Number))).toEqual(
      rows.map((row) => row.discriminative!.tokens),
    )
  })

  it('gives the same rows when stopped after each picture and resumed', async () => {
    // Progress counts the broken pictures as well: 6 in all.
    for (const stopAt of [1, 2, 4])
      await expect(runTokenize(specFor('parts'), callbacks(stopAt))).rejects.toThrow('stopped')
    expect((await rowsOf('parts')).length).toBeGreaterThan(1)
    await runTokenize(specFor('parts'), callbacks())
    expect(await rowsOf('parts')).toEqual(await rowsOf('whole'))
    const again = await runTokenize(specFor('parts'), callbacks())
    expect(again.finished).toBe(4)
  })

  it('gives only the tokens of K-Means on request', async () => {
    await runTokenize({ ...specFor('few'), codes: false }, callbacks())
    expect((await rowsOf('few')).every((row) => row.discriminative && !row.codes)).toBe(true)
    expect((await readDatasetRecord(join(folder.path, 'few'))).vocabulary).toEqual({ discriminative: 64 })
    await expect(runTokenize(specFor('few'), callbacks())).rejects.toThrow(
      'other settings (vqgan is missing there',
    )
  })

  it('refuses a folder that changed, and extends one that grew', async () => {
    const one = folder.copy('pictures/dog/4.png', join(pictures, 'dog/3.png'))
    expect((await runTokenize(specFor('whole'), callbacks())).finished).toBe(5)
    utimesSync(one, 1, 1)
    expect((await runTokenize(specFor('whole'), callbacks())).finished).toBe(5)
    folder.copy('pictures/dog/4.png', join(pictures, 'dog/2.png'))
    await expect(runTokenize(specFor('whole'), callbacks())).rejects.toThrow(
      /4\.png: file changed since it was tokenized/,
    )
    rmSync(one)
    await expect(runTokenize(specFor('whole'), callbacks())).rejects.toThrow(
      /4\.png: file was deleted since it was tokenized/,
    )
    expect((await rowsOf('whole')).length).toBe(5)
    folder.copy('pictures/ant/0.png', join(pictures, 'dog/2.png'))
    await expect(runTokenize(specFor('whole'), callbacks())).rejects.toThrow(/class changed/)
  })

  it('refuses a folder of broken pictures and one without pictures', async () => {
    folder.write('broken/a.png', 'x')
    const spec = { ...specFor('none'), images: [join(folder.path, 'broken')] }
    await expect(runTokenize(spec, callbacks())).rejects.toThrow('could not read any of 1 pictures')
    await expect(runTokenize({ ...spec, images: [join(folder.path, 'none')] }, callbacks())).rejects.toThrow(
      'no images found in',
    )
  })
})
