// K-Means, atlas, import, export and comparison as runs, from pictures on disk to files that others read.
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, encodeNpy, openFile, readNpy } from '../../../../src/engine/bytes/index.ts'
import { decodeImage, encodePng } from '../../../../src/engine/images/index.ts'
import { openAtlas } from '../../../../src/engine/runs/atlas/atlas-read.ts'
import { runAtlas } from '../../../../src/engine/runs/atlas/atlas.ts'
import { runCodebooks } from '../../../../src/engine/runs/atlas/codebooks.ts'
import type { RunCallbacks } from '../../../../src/engine/devices/callbacks.ts'
import { runImportTokens } from '../../../../src/engine/runs/import-tokens.ts'
import { runKMeans, type KMeansRecord } from '../../../../src/engine/runs/kmeans/kmeans.ts'
import { exportCodecs, exportGenerateText } from '../../../../src/engine/records/token-export.ts'
import { runTokenize } from '../../../../src/engine/runs/tokenize.ts'
import { readTokenColumns } from '../../../../src/engine/tokens/dataset/columns.ts'
import type { AtlasSpec, KMeansSpec } from '../../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { maxDifference, OFFICIAL, reference } from '../../models/run-graph.ts'

const folder = temporaryFolder()
const at = (...names: string[]) => join(folder.path, ...names)
const SIDE = 256
const CODECS = join(OFFICIAL, 'reference/stage1.codecs')

/** Callbacks that stop the run at the n-th progress whose note matches. */
function callbacks(note = /^$/, n = 1): RunCallbacks {
  const controller = new AbortController()
  let seen = 0
  return {
    signal: controller.signal,
    progress: (_step, _of, told) => {
      if (note.test(told) && ++seen === n) controller.abort(new Error('stopped'))
    },
  }
}

beforeAll(async () => {
  const images = Uint8Array.from(await reference('image_u8'))
  for (let i = 0; i < 4; i++) {
    const rgb = images.slice(i * SIDE * SIDE * 3, (i + 1) * SIDE * SIDE * 3)
    folder.write(`pictures/${i % 2}/${i}.png`, await encodePng({ rgb, width: SIDE, height: SIDE }))
  }
  folder.write('pictures/1/broken.png', 'no picture')
  await runTokenize(
    {
      kind: 'tokenize',
      model: OFFICIAL,
      out: at('tokens'),
      device: 'cpu',
      batchSize: 4,
      weightBits: 32,
      images: [at('pictures')],
    },
    callbacks(),
  )
})

describe('kmeans', () => {
  const spec: KMeansSpec = {
    kind: 'kmeans',
    model: OFFICIAL,
    out: at('kmeans'),
    device: 'cpu',
    batchSize: 2,
    images: [at('pictures')],
    k: 16,
    iterations: 4,
    restarts: 2,
    maxPointsPerCentroid: 256,
    seed: 3,
    pictures: 1,
    patches: 0.5,
    augment: true,
  }
  const recordOf = (out: string) => JSON.parse(readFileSync(at(out, 'kmeans.json'), 'utf8')) as KMeansRecord
  const centroidsOf = async (out: string) => readNpy(bytesSource('km', readFileSync(at(out, 'km_16.npy'))))

  it('writes a float32 codebook and a correct report', async () => {
    await runKMeans(spec, callbacks())
    const { type, shape, data } = await centroidsOf('kmeans')
    expect([type, shape]).toEqual(['f32', [16, 64]])
    const { report } = recordOf('kmeans')
    expect(report!.points).toEqual({ all: 4 * 128, trained: 4 * 128 })
    expect(report!.restarts.map((iterations) => iterations.length)).toEqual([4, 4])
    const last = report!.restarts.map((iterations) => iterations.at(-1)!.objective)
    expect(last[report!.best]).toBe(Math.min(...last))
    for (const iterations of report!.restarts)
      for (const [i, { objective, splits }] of iterations.entries())
        if (i > 0 && splits === 0 && iterations[i - 1]!.splits === 0)
          expect(objective).toBeLessThanOrEqual(iterations[i - 1]!.objective * (1 + 1e-6))
    // The report's error and sizes, again and slowly from the files.
    const source = await openFile(at('kmeans/features/00000.npy'))
    const points = await readNpy(source)
    await source.close()
    expect([points.type, points.shape]).toEqual(['f16', [512, 64]])
    const sizes = new Array<number>(16).fill(0)
    let sum = 0
    for (let p = 0; p < 512; p++) {
      const distances = Array.from({ length: 16 }, (_, k) => {
        let squared = 0
        for (let d = 0; d < 64; d++)
          squared += (Number(points.data[p * 64 + d]) - Number(data[k * 64 + d])) ** 2
        return squared
      })
      const least = Math.min(...distances)
      sum += least
      sizes[distances.indexOf(least)]!++
    }
    expect(report!.sizes).toEqual(sizes)
    expect(report!.deadClusters).toEqual(sizes.flatMap((size, k) => (size === 0 ? [k] : [])))
    expect(report!.quantisationError / (sum / 512)).toBeCloseTo(1, 5)
    expect(await readFile(at('kmeans/unreadable.txt'), 'utf8')).toContain('broken.png')
  })

  it('stopped in the features and between iterations, ends with the same bytes', async () => {
    const again = { ...spec, out: at('kmeans-again') }
    await expect(runKMeans(again, callbacks(/features/))).rejects.toThrow('stopped')
    for (const n of [1, 4])
      await expect(runKMeans(again, callbacks(/objective/, n))).rejects.toThrow('stopped')
    await runKMeans(again, callbacks())
    expect(readFileSync(at('kmeans-again/km_16.npy'))).toEqual(readFileSync(at('kmeans/km_16.npy')))
    expect(recordOf('kmeans-again').report).toEqual(recordOf('kmeans').report)
  })

  it('without crop and flip, has features like those of the tokenizer', async () => {
    await runKMeans(
      {
        ...spec,
        out: at('plain'),
        augment: false,
        patches: 1,
        images: [at('pictures/0/0.png')],
        iterations: 1,
      },
      callbacks(),
    )
    const source = await openFile(at('plain/features/00000.npy'))
    const { data } = await readNpy(source)
    await source.close()
    const own = await reference('features')
    // The release resizes to 256 and then to 224 for tokens, straight to 224 for K-Means: alike, not equal.
    let [dot, a, b] = [0, 0, 0]
    for (let i = 0; i < data.length; i++) {
      dot += Number(data[i]) * own[i]!
      a += Number(data[i]) ** 2
      b += own[i]! ** 2
    }
    expect(dot / Math.sqrt(a * b)).toBeGreaterThan(0.9)
  })

  it('accepts a file of features, and refuses impossible settings', async () => {
    const points = Float32Array.from({ length: 40 * 3 }, (_, i) => (i * 37) % 11)
    const path = folder.write('points.npy', encodeNpy({ data: points, shape: [40, 3] }))
    const bare = { ...spec, images: [path], out: at('bare'), k: 4 }
    await runKMeans(bare, callbacks())
    expect(statSync(at('bare/km_4.npy')).size).toBe(128 + 4 * 4 * 3)
    const half = (from: number) =>
      encodeNpy({ data: points.slice(from * 3, (from + 20) * 3), shape: [20, 3] })
    const halves = [folder.write('a.npy', half(0)), folder.write('b.npy', half(20))]
    await runKMeans({ ...bare, out: at('halves'), images: halves }, callbacks())
    expect(readFileSync(at('halves/km_4.npy'))).toEqual(readFileSync(at('bare/km_4.npy')))
    await expect(runKMeans({ ...bare, k: 5 }, callbacks())).rejects.toThrow(
      'other settings (k is 4 there, 5 here)',
    )
    await expect(runKMeans({ ...bare, out: at('many'), k: 41 }, callbacks())).rejects.toThrow(
      '40 points for 41 clusters',
    )
    const flat = folder.write('flat.npy', encodeNpy({ data: points }))
    await expect(runKMeans({ ...bare, out: at('flat'), images: [flat] }, callbacks())).rejects.toThrow(
      'found f32 [120], expected float16 or float32 [points, width]',
    )
    utimesSync(at('pictures/0/0.png'), 5, 5)
    await expect(runKMeans(spec, callbacks())).rejects.toThrow('other settings (listing')
    await expect(runKMeans({ ...spec, out: at('layer'), layer: 99 }, callbacks())).rejects.toThrow(
      'block 99 from the end',
    )
  })
})

describe('atlas', () => {
  const spec: AtlasSpec = {
    kind: 'atlas',
    model: OFFICIAL,
    out: at('atlas'),
    device: 'cpu',
    dataset: at('tokens'),
    tokens: 'discriminative',
    umap: true,
    seed: 1,
  }

  it('agrees with the rows of the data set', async () => {
    await runAtlas(spec, callbacks())
    const atlas = await openAtlas(at('atlas'))
    const { tokens, distances } = await readTokenColumns(at('tokens'), 'discriminative', 64)
    expect(atlas.info).toMatchObject({
      entries: 64,
      images: 4,
      cells: 1024,
      classNames: ['0', '1'],
      classImages: [2, 2],
      umap: true,
    })
    const table = await atlas.table()
    let dead = 0
    for (let k = 0; k < 64; k++) {
      const own = Array.from(tokens.keys()).filter((cell) => tokens[cell] === k)
      const entry = await atlas.entry(k)
      dead += Number(entry.isDead)
      expect([entry.cells, table.cells[k]]).toEqual([own.length, own.length])
      expect([entry.images, table.images[k]]).toEqual(
        Array(2).fill(new Set(own.map((cell) => Math.floor(cell / 256))).size),
      )
      expect(entry.classes.reduce((sum, { cells }) => sum + cells, 0)).toBe(own.length)
      for (const { image, cell, distance } of await atlas.examples(k, 0, 1000)) {
        expect(tokens[image * 256 + cell]).toBe(k)
        expect(distance).toBe(distances![image * 256 + cell])
      }
    }
    expect(atlas.info.dead).toBe(dead)
    expect(await atlas.imagePath(1)).toBe(at('pictures/0/2.png'))
    await expect(atlas.entry(64)).rejects.toThrow('cluster 64: out of range (the codebook has 0 to 63)')
  })

  it('has the mean color of the pixels of each entry', async () => {
    const { tokens, paths } = await readTokenColumns(at('tokens'), 'discriminative', 64)
    const [sums, counts] = [new Float64Array(64 * 3), new Float64Array(64)]
    for (const [image, path] of paths.entries()) {
      const { rgb } = await decodeImage(at('pictures', path))
      for (let i = 0; i < SIDE * SIDE; i++) {
        const cell = Math.floor(i / SIDE / 16) * 16 + Math.floor((i % SIDE) / 16)
        const token = tokens[image * 256 + cell]!
        counts[token]!++
        for (let c = 0; c < 3; c++) {
          const value = rgb[i * 3 + c]! / 255
          sums[token * 3 + c]! += value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
        }
      }
    }
    const { type, shape, data } = await readNpy(bytesSource('colours', readFileSync(at('atlas/colours.npy'))))
    expect([type, shape]).toEqual(['u8', [64, 3]])
    const expected = Array.from(sums, (sum, i) => {
      const mean = sum / counts[Math.floor(i / 3)]!
      if (Number.isNaN(mean)) return 128
      return 255 * (mean <= 0.0031308 ? 12.92 * mean : 1.055 * mean ** (1 / 2.4) - 0.055)
    })
    // The pictures are read at half their size, which averages bytes instead of light.
    expect(maxDifference(Array.from(data, Number), expected)).toBeLessThan(4)
  })

  it('has the nearest entries by the distances in the codebook', async () => {
    const atlas = await openAtlas(at('atlas'))
    const km = await readNpy(
      bytesSource('km', readFileSync(join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy'))),
    )
    const row = (k: number) => Array.from(km.data.slice(k * 64, (k + 1) * 64), Number)
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
    for (const k of [0, 17, 63]) {
      const { nearest } = await atlas.entry(k)
      const others = Array.from({ length: 64 }, (_, i) => i).filter((i) => i !== k)
      const l2 = others.map((i) => dot(row(i), row(i)) + dot(row(k), row(k)) - 2 * dot(row(i), row(k)))
      const cosine = others.map(
        (i) => 1 - dot(row(i), row(k)) / Math.sqrt(dot(row(i), row(i)) * dot(row(k), row(k))),
      )
      for (const [found, all] of [
        [nearest.l2, l2],
        [nearest.cosine, cosine],
      ] as const) {
        const sorted = all.toSorted((a, b) => a - b).slice(0, found.length)
        const scale = Math.max(...sorted)
        // Float32 products there, float64 here.
        expect(
          maxDifference(
            found.map(({ distance }) => distance),
            sorted,
          ),
        ).toBeLessThan(1e-4 * scale)
        expect(
          found.every(
            ({ entry, distance }) => Math.abs(all[others.indexOf(entry)]! - distance) < 1e-4 * scale,
          ),
        ).toBe(true)
      }
    }
  })

  it('stopped, resumed, with the same seed, gives the same files; another codebook is refused', async () => {
    const again = { ...spec, out: at('atlas-again') }
    await expect(runAtlas(again, callbacks(/adjacent entries/))).rejects.toThrow('stopped')
    await expect(openAtlas(again.out)).rejects.toThrow('no finished atlas')
    await expect(runAtlas(again, callbacks(/UMAP/, 3))).rejects.toThrow('stopped')
    await runAtlas(again, callbacks())
    const names = readdirSync(at('atlas')).filter((name) => /npy|npz|txt/.test(name))
    expect(names.length).toBeGreaterThan(12)
    for (const name of names)
      expect([name, readFileSync(at('atlas-again', name)).equals(readFileSync(at('atlas', name)))]).toEqual([
        name,
        true,
      ])
    const choose = { codebook: at('kmeans/km_16.npy') }
    await expect(runAtlas({ ...spec, choose }, callbacks())).rejects.toThrow(
      /too few entries for the tokens in .* \(found 16, expected at least 64\)/,
    )
  })

  it('covers VQGAN codes', async () => {
    await runAtlas({ ...spec, tokens: 'codes', out: at('atlas-codes'), umap: false }, callbacks())
    const { info, table } = await openAtlas(at('atlas-codes'))
    expect(info).toMatchObject({ tokens: 'codes', entries: 48, umap: false })
    expect((await table()).cells.reduce((sum, cells) => sum + cells, 0)).toBe(1024)
  })
})

describe('imported tokens', () => {
  it('of .codecs are exported byte for byte, and have an atlas', async () => {
    await runImportTokens(
      { kind: 'import-tokens', out: at('codecs'), source: CODECS, tokens: 'discriminative' },
      callbacks(/images/, 2),
    ).catch(() => {})
    const { finished } = await runImportTokens(
      { kind: 'import-tokens', out: at('codecs'), source: CODECS, tokens: 'discriminative' },
      callbacks(),
    )
    expect(finished).toBe(4)
    await exportCodecs(at('codecs'), 'discriminative', at('out.codecs'))
    expect(readFileSync(at('out.codecs'), 'utf8').trim()).toBe(readFileSync(CODECS, 'utf8').trim())
    await runAtlas(
      {
        kind: 'atlas',
        model: OFFICIAL,
        out: at('codecs/atlas'),
        device: 'cpu',
        dataset: at('codecs'),
        tokens: 'discriminative',
        umap: false,
        seed: 0,
      },
      callbacks(),
    )
    const atlas = await openAtlas(at('codecs/atlas'))
    const entry = await atlas.entry(await mostUsed(atlas))
    expect(atlas.info.quantisationError).toBeUndefined()
    expect([entry.bands.length, entry.classes, entry.distances]).toEqual([1, [], undefined])
    expect(await atlas.imagePath(0)).toBeUndefined()
    await expect(exportGenerateText(at('codecs'), 'discriminative', at('x.txt'))).rejects.toThrow(
      'has no log-probabilities',
    )
    await expect(exportCodecs(at('codecs'), 'codes', at('x.codecs'))).rejects.toThrow('has no codes tokens')
  })

  it('of generate-*.txt keep their log-probabilities', async () => {
    const ids = Array.from({ length: 256 }, (_, i) => i % 48).join(' ')
    const scores = Array.from({ length: 257 }, (_, i) => (-i / 100).toFixed(4)).join(' ')
    const source = folder.write(
      'generate-val.txt',
      `S-0\t\nH-0\t-1.2\t${ids}\nD-0\t-1.2\t${ids}\nP-0\t${scores}\n`,
    )
    await runImportTokens(
      { kind: 'import-tokens', out: at('generated'), source, tokens: 'codes' },
      callbacks(),
    )
    await exportGenerateText(at('generated'), 'codes', at('again.txt'))
    expect(readFileSync(at('again.txt'), 'utf8')).toContain(
      `\nP-0\t${scores.split(' ').slice(0, 256).join(' ')}\n`,
    )
    expect(readFileSync(at('again.txt'), 'utf8')).toContain(`\t${ids}\n`)
  })

  it('are refused from a source without tokens', async () => {
    const spec = { kind: 'import-tokens', out: at('nothing'), tokens: 'codes' } as const
    await expect(
      runImportTokens({ ...spec, source: folder.write('empty.codecs', '') }, callbacks()),
    ).rejects.toThrow('contains no tokens')
    await expect(runImportTokens({ ...spec, source: at('pictures') }, callbacks())).rejects.toThrow(
      'not the folder of a run that makes images',
    )
    await expect(runImportTokens({ ...spec, source: at('not-there') }, callbacks())).rejects.toThrow(
      'no such file or folder',
    )
  })
})

async function mostUsed(atlas: Awaited<ReturnType<typeof openAtlas>>): Promise<number> {
  const { cells } = await atlas.table()
  return cells.indexOf(Math.max(...cells))
}

it('two codebooks are compared over the same pictures, and refused over different ones', async () => {
  const choose = { codebook: at('kmeans/km_16.npy') }
  await runTokenize(
    {
      kind: 'tokenize',
      model: OFFICIAL,
      choose,
      out: at('tokens-16'),
      device: 'cpu',
      batchSize: 4,
      weightBits: 32,
      images: [at('pictures')],
      codes: false,
    },
    callbacks(),
  )
  const spec = { kind: 'codebooks', device: 'cpu', out: at('compared'), tokens: 'discriminative' } as const
  const codebooks: [string, string] = [
    join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy'),
    choose.codebook,
  ]
  const { summary } = await runCodebooks(
    { ...spec, datasets: [at('tokens'), at('tokens-16')], codebooks },
    callbacks(),
  )
  expect(summary).toContain('matched by overlap')
  expect(summary).toContain('matched by nearest')
  await expect(
    runCodebooks({ ...spec, datasets: [at('tokens'), at('codecs')] }, callbacks()),
  ).rejects.toThrow(': in ')
  rmSync(at('pictures/0/0.png'))
})
