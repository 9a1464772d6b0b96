// A published figure: complete, without anything of this machine, whole or not there at all; its commands make the same images.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { decodeImage } from '../../../src/engine/images/index.ts'
import { pixelHash } from '../../../src/engine/paper/figure-images.ts'
import { coloursOfModels } from '../../../src/engine/api/index.ts'
import { publishFigure, type PublishOptions } from '../../../src/engine/paper/publish/publish.ts'
import { textToRecord, type ImageRecord } from '../../../src/engine/records/image-record.ts'
import { runReconstruct } from '../../../src/engine/runs/reconstruct.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { commandHere } from '../../cli/run-process.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const at = (...names: string[]) => join(folder.path, ...names)
const [model, workspace] = [at('models'), at('workspace')]
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const png = (run: string, image: number) => join(workspace, 'runs', run, 'images', `00000${image}.png`)
const record = (run: string, image: number): ImageRecord => textToRecord(readFileSync(png(run, image)), run)
const HOSTILE = `</script><script>alert("1")</script>\u202e'&`

const sample = (id: string, fields: Partial<SampleSpec>) => {
  const spec: Omit<SampleSpec, 'out'> = {
    ...QUICK,
    kind: 'sample',
    model,
    shards: 1,
    shard: 0,
    classes: [2, 0],
    count: 4,
  }
  return runSample({ ...spec, ...fields, out: join(workspace, 'runs', id) }, callbacks)
}

beforeAll(async () => {
  cpSync(resolve('test/fixtures/official-tiny'), model, { recursive: true })
  await sample('root', {})
  const grid = [...record('root', 1).discriminative!.tokens]
  const branch = grid.map((token, cell) => (cell > 200 ? -1 : token))
  await sample('branch', {
    count: 2,
    classes: [0],
    from: { run: 'root', image: 1 },
    pinned: [{ discriminative: branch }],
  })
  const before = [...record('branch', 1).discriminative!.tokens]
  const after = before.map((token, cell) => (cell === 70 ? (token + 1) % 20 : token))
  await sample('twice', {
    count: 2,
    classes: [0],
    from: { run: 'branch', image: 1 },
    pinned: [{ discriminative: before }, { discriminative: after }],
    changes: [
      { grid: 'discriminative', how: 'hand', cells: [70], before: [before[70]!], after: [after[70]!] },
    ],
    commonNoise: 'stage2',
    noise: [1],
  })
  const { count: _n, classes: _c, stage1Sampling: _s, ...rest } = QUICK
  const images = [png('root', 0), png('root', 1)]
  await runReconstruct(
    {
      kind: 'reconstruct',
      model,
      ...rest,
      images,
      names: ['cat.png', HOSTILE],
      out: join(workspace, 'runs', 'rec'),
    },
    callbacks,
  )
})

const of = (run: string, ...images: number[]) => images.map((image) => ({ run, image }))
const FIGURE = {
  schema: 1,
  dpi: 72,
  caption: HOSTILE,
  tokenColours: 'meaning',
  rows: [
    [{ kind: 'grid', title: 'Some', columns: 2, images: of('root', 1, 3) }],
    [{ kind: 'intervention', pairs: [{ before: of('twice', 0)[0], after: of('twice', 1)[0] }] }],
    [{ kind: 'reconstruction', images: of('rec', 1) }],
    [{ kind: 'variance', groups: [{ label: 'all', images: of('root', 0, 2) }], samples: 0 }],
    [{ kind: 'table', columns: [{ label: 'x' }], rows: [['<b>'], [2]] }],
  ],
}
const colours = coloursOfModels(model, workspace)
const publish = (
  out: string,
  options: Partial<PublishOptions> = {},
  json: object = FIGURE,
  signal = callbacks.signal,
) => {
  const path = folder.write('paper/figure-1.json', JSON.stringify(json))
  return publishFigure(
    { path, out: at(out), force: false, workspace, colours, ...options },
    { ...callbacks, signal },
  )
}
const page = (out: string) => readFileSync(at(out, 'index.html'), 'utf8')
const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
/** The text of a section. */
const section = (out: string, id: string) =>
  plain(page(out).split(`<section class="cell" id="${id}"`)[1]!.split('</section>')[0]!)

/** What the command prints in a folder, in this process. */
async function commandIn(folder: string, words: readonly string[]): Promise<string> {
  const before = process.cwd()
  process.chdir(folder)
  try {
    const { code, output, stdout } = await commandHere(words)
    expect([code, output]).toEqual([0, expect.anything()])
    return stdout
  } finally {
    process.chdir(before)
  }
}

describe('a published figure', () => {
  beforeAll(async () => {
    const labels = new Map([[record('twice', 1).discriminative!.tokens[70]!, 'eye']])
    const made = await publish('pub', { labels: () => labels })
    expect(made.images).toBe(7)
    expect(made.bytes).toBeGreaterThan(1e5)
  })

  it('has every file that the page names, and the figure for a paper', () => {
    const named = [...page('pub').matchAll(/ (?:src|href|xlink:href)="([^#"]+)"/g)].map(([, path]) => path!)
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter((path) => !existsSync(at('pub', path)))).toEqual([])
    for (const ending of ['pdf', 'svg', 'png', 'tex', 'bib', 'txt', 'figure.json'])
      expect(named).toContain(`files/figure-1.${ending}`)
    const sections = [...page('pub').matchAll(/<section class="cell" id="([^"]+)"/g)].map(([, id]) => id)
    expect(sections).toEqual(['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'd-1', 'd-of-1', 'd-of-2', 'e'])
    const links = [...page('pub').matchAll(/<a href="#([^"]+)" aria-label="\(/g)].map(([, id]) => id!)
    expect(links).toHaveLength(2 + 3 + 4 + 2 + 1)
    expect(links.filter((id) => !sections.includes(id))).toEqual([])
  })

  it('shows the recipe, the tokens in their colors, and where an edit of an edit comes from', async () => {
    const text = section('pub', 'b-2')
    expect(text).toMatch(
      /Run 2 classes .* image 1 .* Branch resampled from cell 201 on image 1 .* Intervention cluster \d+ → 'eye' in cell 70/,
    )
    expect(text).toMatch(/Seed 0 Class .*\(0\).*Stage 2 masked \(NAR\).*Decoding steps 1/)
    expect(text).toContain('One of 2 images of run twice; the figure uses 2 of them')
    expect(section('pub', 'a-1')).toContain('One of 4 images of run root; the figure uses 4 of them')
    const data = /<script type="application\/json" id="tokens">([^]*?)<\/script>/.exec(page('pub'))![1]!
    const tokens = JSON.parse(data) as Record<
      string,
      { name: string; tokens: number[]; colours: Record<number, string>; logProbabilities: number[] }[]
    >
    const { discriminative, codes } = record('root', 3)
    const { meaning } = await colours('codes')
    for (const token of codes.tokens)
      expect(tokens['a-2']![1]!.colours[token]).toBe(
        Buffer.from(meaning.subarray(token * 3, token * 3 + 3)).toString('hex'),
      )
    expect(tokens['a-2']!.map(({ tokens }) => tokens)).toEqual([
      [...discriminative!.tokens],
      [...codes.tokens],
    ])
    const found = Float32Array.from(tokens['a-2']![1]!.logProbabilities)
    found.forEach((value, i) =>
      expect(value).toBeCloseTo((codes as { logProbabilities?: Float32Array }).logProbabilities![i]!, 3),
    )
  })

  it('escapes every name, and names no folder of this machine', () => {
    const html = page('pub')
    expect(html.match(/<script/g)).toHaveLength(2)
    expect(html).not.toContain('<b><')
    expect(section('pub', 'c-1')).toContain(HOSTILE)
    expect(section('pub', 'e')).toContain('<b>')
    expect(html).not.toContain(folder.path)
  })

  it.each(['a-2', 'b-2', 'c-1'])('the command of %s makes the same image again', async (id) => {
    const command = /digit (?:sample|decode) [^\n]*? --out again-\d+/.exec(section('pub', id))![0]
    const [, ...words] = command.replaceAll('MODELS', model).split(' ')
    await commandIn(at('pub'), words)
    const [run, image] = {
      'a-2': ['root', 3] as const,
      'b-2': ['twice', 1] as const,
      'c-1': ['rec', 1] as const,
    }[id]!
    const again = at('pub', words.at(-1)!, 'images', `00000${image}.png`)
    // Also the record is the same, where the command is all that there is to it.
    if (id === 'a-2') expect(readFileSync(again).equals(readFileSync(png(run, image)))).toBe(true)
    expect(pixelHash(await decodeImage(again))).toBe(pixelHash(await decodeImage(png(run, image))))
    const now = textToRecord(readFileSync(again), id)
    expect(now.codes.tokens).toEqual(record(run, image).codes.tokens)
    expect(now.discriminative!.tokens).toEqual(record(run, image).discriminative!.tokens)
    if (id !== 'b-2') return
    const [, ...compare] = /digit reproduce \S+ --model MODELS/
      .exec(section('pub', id))![0]
      .replace('MODELS', model)
      .split(' ')
    expect(await commandIn(at('pub'), compare)).toContain('1 of 1 images are identical, pixel for pixel')
  })
})

describe('the folder', () => {
  const names = () => readdirSync(folder.path).filter((name) => name.includes('place'))

  it('is never made over files of others, and replaces an earlier one only when allowed to', async () => {
    mkdirSync(at('place'))
    writeFileSync(at('place', 'thesis.tex'), 'years of work')
    await expect(publish('place', { force: true })).rejects.toThrow(
      /place: contains files that are not of a published/,
    )
    expect(readdirSync(at('place'))).toEqual(['thesis.tex'])
    await publish('place-2')
    await expect(publish('place-2')).rejects.toThrow(/place-2: already exists/)
    writeFileSync(at('place-2', 'left.txt'), '')
    await publish('place-2', { force: true })
    expect(existsSync(at('place-2', 'left.txt'))).toBe(false)
    mkdirSync(at('.place-4.publishing'))
    writeFileSync(at('.place-4.publishing', 'notes.txt'), '')
    await expect(publish('place-4')).rejects.toThrow(/contains files of others/)
    expect(readdirSync(at('.place-4.publishing'))).toEqual(['notes.txt'])
    rmSync(at('.place-4.publishing'), { recursive: true })
    expect(names()).toEqual(['place', 'place-2'])
  })

  it('is not there after a failure or a cancel, and an earlier one is as it was', async () => {
    const before = page('place-2')
    const gone = { ...FIGURE, rows: [[{ kind: 'grid', columns: 1, images: of('gone', 0) }]] }
    await expect(publish('place-2', { force: true }, gone)).rejects.toThrow(/gone: not a run folder/)
    const controller = new AbortController()
    const path = folder.write('paper/figure-1.json', JSON.stringify(FIGURE))
    const progress = (_: number, __: number, note: string) => note === 'writing images' && controller.abort()
    await expect(
      publishFigure(
        { path, out: at('place-3'), force: false, workspace, colours },
        { signal: controller.signal, progress },
      ),
    ).rejects.toThrow(/abort/i)
    expect(page('place-2')).toBe(before)
    expect(names()).toEqual(['place', 'place-2'])
  })

  it('shows pictures without a run, and cells of sweeps under their sweep', async () => {
    const old = resolve('test/fixtures/workspace-0.1')
    const cell = '20261129-042701-993a@temperature20.9'
    copyFileSync(png('root', 2), folder.write('paper/lone.png', ''))
    folder.write('paper/grey.ppm', Buffer.concat([Buffer.from('P6 8 8 255\n'), Buffer.alloc(8 * 8 * 3, 90)]))
    const images = [{ file: 'lone.png' }, { file: 'grey.ppm' }, { run: cell, image: 0 }]
    const rows = [[{ kind: 'grid', columns: 3, images }]]
    await publish('files', { workspace: old }, { schema: 1, dpi: 72, rows })
    expect(section('files', 'a-1')).toMatch(
      /Image 2, class 2 .* --shard-id 2 .* --model MODELS --out again-001/,
    )
    expect(section('files', 'a-1')).not.toContain('Where it comes from')
    expect(section('files', 'a-2')).toContain('This picture has no record of this program')
    expect(section('files', 'a-3')).toMatch(/Sweep 20261129-042701-993a Run stage 2 T 0\.9 image 0/)
  })

  it('of a workspace of 0.1 has the chain of its intervention, made by the command', async () => {
    const old = at('old')
    cpSync(resolve('test/fixtures/workspace-0.1'), old, { recursive: true })
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('DIGIT_WORKSPACE', old)
    const said = await commandIn(folder.path, ['publish', 'samples', '--out', at('old-published')])
    expect(said).toMatch(/^published 6 images \(\d+ files, [\d.]+ MB\): .*old-published\/index\.html\n$/)
    expect(section('old-published', 'a-1')).toMatch(
      /Measured with its run: FD \([^)]+\) [\d.]+ \(DINOv2, n = 3\)/,
    )
    expect(plain(page('old-published'))).toMatch(/Run 3 classes .* image 1 .* Intervention .* in 2 cells/)
  })
})

describe('on a full disk', () => {
  const disk = at('disk')
  mkdirSync(disk)
  const mounted = (() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })()
  afterAll(() => mounted && execFileSync('umount', ['-l', disk]))

  it.skipIf(!mounted)('nothing is left of it (needs permission to mount one)', async () => {
    await expect(publish('disk/pub')).rejects.toThrow(/the disk is full/)
    expect(readdirSync(disk)).toEqual([])
  })
})
