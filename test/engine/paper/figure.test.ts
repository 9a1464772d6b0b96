// From models to a paper and back: a run, figures of it, the images made again, and what others read of it.
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openFile, readNpz } from '../../../src/engine/bytes/index.ts'
import { openCheckpoint } from '../../../src/engine/checkpoint/index.ts'
import { decodeImage } from '../../../src/engine/images/index.ts'
import { exportRun } from '../../../src/engine/paper/export.ts'
import { FIGURE_FORMATS } from '../../../src/shared/run/exports.ts'
import { makeFigure, type FigureOptions } from '../../../src/engine/paper/figure.ts'
import { colouringOf } from '../../../src/shared/colour/token-palette.ts'
import { coloursOfModels } from '../../../src/engine/api/index.ts'
import { hex } from '../../../src/shared/figures/colour.ts'
import type { FigureInput } from '../../../src/shared/figures/figure.ts'
import type { GridName } from '../../../src/shared/grid/layout.ts'
import { reproduce } from '../../../src/engine/paper/reproduce.ts'
import { runReconstruct } from '../../../src/engine/runs/reconstruct.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
const model = at('models')
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const workspace = at('workspace')
const sample = { ...QUICK, kind: 'sample', model, count: 3, shards: 1, shard: 0 } as const

beforeAll(async () => {
  cpSync(resolve('test/fixtures/official-tiny'), model, { recursive: true })
  await runSample({ ...sample, out: at('run'), classes: [2, 0] }, callbacks)
  const {
    classes: _classes,
    count: _count,
    stage1Sampling: _sampling1,
    shards: _n,
    shard: _i,
    ...rest
  } = sample
  const images = [0, 1].map((image) => join(at('run'), 'images', `00000${image}.png`))
  await runReconstruct({ ...rest, kind: 'reconstruct', out: at('rec'), images }, callbacks)
})

const shown = [0, 1, 2].map((image) => ({ run: 'run', image }))
const FIGURE = {
  schema: 1,
  dpi: 72,
  page: { preset: 'neurips', share: 0.9 },
  selection: 'all of the run',
  rows: [
    [{ kind: 'grid', columns: 3, images: shown, overlay: { grid: 'codes', tokens: [1] } }],
    [{ kind: 'reconstruction', images: [{ run: 'rec', image: 0 }] }],
    [{ kind: 'steps', images: [{ run: 'run', image: 0 }] }],
    [{ kind: 'variance', groups: [{ label: 'all', images: shown }] }],
    [{ kind: 'intervention', pairs: [{ before: shown[0], after: shown[1] }] }],
  ],
}
const make = (json: object, options: Partial<FigureOptions> = {}) => {
  const path = folder.write('fig.json', JSON.stringify(json))
  return makeFigure({ path, out: at('out'), formats: FIGURE_FORMATS, force: true, workspace, ...options })
}
const png = (run: string, image: number) => join(at(run), 'images', `00000${image}.png`)

describe('a figure', () => {
  it('has the same bytes each time, also drawn from the figure.json that the program wrote', async () => {
    const { files, notes } = await make(FIGURE)
    expect(files.map((file) => file.replace(/^.*\/fig/, ''))).toEqual([
      '.pdf',
      '.svg',
      '.png',
      '.tex',
      '.bib',
      '.txt',
      '.figure.json',
    ])
    expect(notes).toEqual([])
    const before = files.map((file) => readFileSync(file))
    await make(FIGURE)
    expect(files.map((file, i) => readFileSync(file).equals(before[i]!))).toEqual(files.map(() => true))
    const kept = JSON.parse(readFileSync(files.at(-1)!, 'utf8')) as typeof FIGURE
    await make(kept)
    expect(files.map((file, i) => readFileSync(file).equals(before[i]!))).toEqual(files.map(() => true))
  })

  it('shows tokens in the colors of the pages, and keeps them without the models', async () => {
    const rows = [[{ kind: 'reconstruction', images: [{ run: 'rec', image: 0 }], parts: ['codes'] }]]
    const json = { schema: 1, dpi: 72, tokenColours: 'meaning', rows }
    const colours = coloursOfModels(model, workspace)
    const { files } = await make(json, { colours, out: at('coloured'), formats: ['png'] })
    const kept = JSON.parse(readFileSync(files.at(-1)!, 'utf8')) as FigureInput
    const page = colouringOf('meaning', await colours('codes'))
    const recorded = Object.entries(kept.colours!.codes!)
    expect(recorded.length).toBeGreaterThan(1)
    for (const [token, colour] of recorded) expect(colour).toBe(`#${hex(page(Number(token)))}`)
    const { rgb } = await decodeImage(files[0]!)
    const seen = new Set(
      Array.from({ length: rgb.length / 3 }, (_, i) => hex([...rgb.slice(3 * i, 3 * i + 3)])),
    )
    for (const [, colour] of recorded) expect(seen).toContain(colour.slice(1))
    const again = await make(kept, { out: at('coloured-again'), formats: ['png'] })
    expect(readFileSync(again.files[0]!)).toEqual(readFileSync(files[0]!))
    await expect(make(json, { out: at('never') })).rejects.toThrow(
      /the figure has no colors for \d+ codes tokens, and no models were given/,
    )
    await expect(
      make({ ...json, tokenColours: 'appearance' }, { colours, out: at('never') }),
    ).rejects.toThrow('This needs an atlas of the codebook')
    const others = async (grid: GridName) => ({ ...(await colours(grid)), models: [] })
    await expect(make(json, { colours: others, out: at('never') })).rejects.toThrow(
      'an image was made with a model that is not open',
    )
    const distinct = await make(
      { ...json, tokenColours: 'distinct' },
      { out: at('distinct'), formats: ['png'] },
    )
    expect(readFileSync(distinct.files[0]!)).not.toEqual(readFileSync(files[0]!))
  })

  it('overwrites no file without permission, and then writes none', async () => {
    await make({ ...FIGURE, dpi: 72 }, { out: at('kept'), formats: ['png'] })
    const other = make({ ...FIGURE, dpi: 36 }, { out: at('kept'), force: false, formats: ['paper', 'png'] })
    await expect(other).rejects.toThrow(/fig\.png: already exists/)
    const { width } = await decodeImage(at('kept/fig.png'))
    expect(width).toBe(356)
  })

  it.each([
    [{ run: 'run', image: 9 }, /run#9: cannot read .*000009\.png/],
    [{ run: 'gone', image: 0 }, /gone: not a run folder \(the figure uses run gone\)/],
    [{ file: 'no.png' }, /no\.png: cannot read .*no\.png/],
    [{ file: 'fig.json' }, /fig\.json: not a readable image/],
  ])('reports an image that is missing or broken: %j', async (image, message) => {
    const rows = [[{ kind: 'grid', columns: 1, images: [image] }]]
    await expect(make({ schema: 1, rows }, { out: at('never') })).rejects.toThrow(message)
    expect(existsSync(at('never'))).toBe(false)
  })

  it('reports an image that differs from the one it was made with', async () => {
    const { files } = await make(FIGURE, { formats: ['png'] })
    const kept = JSON.parse(readFileSync(files.at(-1)!, 'utf8')) as {
      images: Record<string, { pixels: string }>
    }
    kept.images['run#1']!.pixels = '0'.repeat(64)
    expect((await make(kept, { formats: ['png'] })).notes).toEqual([
      'run#1: not the image this figure was made with',
    ])
  })

  it('reads an image again that was replaced by one of the same size and time', async () => {
    const grey = (level: number) =>
      Buffer.concat([Buffer.from('P6 8 8 255\n'), Buffer.alloc(8 * 8 * 3, level)])
    const pixels = async (level: number) => {
      utimesSync(folder.write('grey.ppm', grey(level)), 1e9, 1e9)
      const rows = [[{ kind: 'grid', columns: 1, images: [{ file: 'grey.ppm' }] }]]
      const { files } = await make({ schema: 1, rows }, { formats: ['paper'] })
      const { images } = JSON.parse(readFileSync(files.at(-1)!, 'utf8')) as { images: object }
      return JSON.stringify(images)
    }
    expect(await pixels(10)).not.toBe(await pixels(20))
  })
})

describe('reproduce', () => {
  it('the images of a figure and a copy of a single image are reproduced', async () => {
    const same = async (path: string) => {
      const { images, causes } = await reproduce({ path, model, workspace }, callbacks)
      expect(causes).toEqual([])
      expect(images.filter(({ same }) => !same)).toEqual([])
      return images.length
    }
    const { files } = await make(FIGURE, { out: folder.path, formats: [] })
    expect(await same(files.at(-1)!)).toBe(4)
    copyFileSync(png('run', 1), at('lone.png'))
    expect(await same(at('lone.png'))).toBe(1)
  })

  it('a single reconstruction is reproduced without its picture, from the tokens in it', async () => {
    copyFileSync(png('rec', 1), at('lone-rec.png'))
    const { images, causes } = await reproduce({ path: at('lone-rec.png'), model, workspace }, callbacks)
    expect([images, causes]).toEqual([[{ name: 'lone-rec.png', same: true }], []])
  })

  it('reports the model file that changed, and what differs', async () => {
    const changed = at('changed')
    cpSync(model, changed, { recursive: true })
    const vqgan = join(changed, 'models', 'vqgan_jax_strongaug.ckpt')
    const weights = await openCheckpoint(vqgan)
    const embedding = [...weights.tensors.values()].find(({ name }) =>
      name.endsWith('quantize.embedding.weight'),
    )!
    const bytes = readFileSync(vqgan)
    // All codes now look like the first of them did.
    const row = 4 * embedding.shape[1]!
    for (let code = 1; code < embedding.shape[0]!; code++)
      bytes.copy(bytes, embedding.offset + code * row, embedding.offset, embedding.offset + row)
    await weights.close()
    writeFileSync(vqgan, bytes)
    const { images, causes } = await reproduce(
      { path: at('run'), model: changed, count: 2, workspace },
      callbacks,
    )
    expect(images).toHaveLength(2)
    expect(causes).toEqual([
      expect.stringMatching(/^the VQGAN was .{13} and is .{13} \(.*vqgan_jax_strongaug\.ckpt\)$/),
    ])
    expect(images.filter(({ same }) => !same).map(({ difference }) => difference)).toContain(
      'all tokens are identical, the pixels are not',
    )
  })

  it('reports what cannot be reproduced', async () => {
    await expect(reproduce({ path: at('models'), workspace }, callbacks)).rejects.toThrow('not a run folder')
    await expect(reproduce({ path: at('run'), model: at('gone'), workspace }, callbacks)).rejects.toThrow(
      at('gone'),
    )
    await expect(reproduce({ path: at('nowhere'), workspace }, callbacks)).rejects.toThrow(
      'no such file or folder',
    )
  })
})

describe('export', () => {
  const write = (as: 'folder' | 'adm' | 'codecs' | 'html', fields: object = {}) =>
    exportRun({ run: at('run'), as, out: at(`as-${as}`), force: false, ...fields }, callbacks)

  it('writes the format of ADM: uint8 [N, H, W, 3] with labels, on request shuffled as in NumPy', async () => {
    await write('adm', { shuffle: 0 })
    const { width } = await decodeImage(png('run', 0))
    const source = await openFile(join(at('as-adm'), `samples_3x${width}x${width}x3.npz`))
    const arrays = await readNpz(source)
    await source.close()
    expect(arrays.get('arr_0')).toMatchObject({ type: 'u8', shape: [3, width, width, 3] })
    // np.random.RandomState(0).permutation(3)
    const order = [2, 1, 0]
    expect(Array.from(arrays.get('arr_1')!.data, Number)).toEqual(order.map((image) => [2, 0, 2][image]))
    const first = Buffer.from((await decodeImage(png('run', 2))).rgb)
    expect(
      Buffer.from(Uint8Array.from(arrays.get('arr_0')!.data as Uint8Array)).subarray(0, first.length),
    ).toEqual(first)
  })

  it('writes .codecs with the lines of the run', async () => {
    await write('codecs')
    for (const grid of ['discriminative', 'codes'])
      expect(readFileSync(at(`as-codecs/${grid}.codecs`), 'utf8')).toBe(
        readFileSync(at(`run/${grid}.codecs`), 'utf8'),
      )
  })

  it('writes a folder, and a gallery that loads nothing from elsewhere', async () => {
    await write('folder')
    expect(readFileSync(at('as-folder/000002.png'))).toEqual(readFileSync(png('run', 2)))
    await write('html')
    const html = readFileSync(at('as-html/index.html'), 'utf8')
    for (const [, path] of html.matchAll(/<img src="([^"]+)"/g))
      expect(existsSync(at(`as-html/${path}`))).toBe(true)
    expect(html.match(/<img /g)).toHaveLength(3)
    expect(html).not.toMatch(/https?:|<script/)
    await expect(write('html')).rejects.toThrow('index.html: already exists')
    appendFileSync(at('as-html/index.html'), 'old')
    await write('html', { force: true })
    expect(readFileSync(at('as-html/index.html'), 'utf8')).toBe(html)
  })
})
