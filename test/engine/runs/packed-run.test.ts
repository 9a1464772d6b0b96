// A run whose images are in packs: the same images, records and tables, read by whatever reads images.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { findPacked, readStored } from '../../../src/engine/bytes/index.ts'
import { decodeImage, lookAtImage } from '../../../src/engine/images/index.ts'
import { fileToSha256 } from '../../../src/engine/model-set/file-hash.ts'
import { exportRun } from '../../../src/engine/paper/export.ts'
import { reproduceJobs } from '../../../src/engine/paper/reproduce-jobs.ts'
import { finishedImages } from '../../../src/engine/records/workspace.ts'
import { openImageSet } from '../../../src/engine/runs/evaluation/image-set.ts'
import { runImportTokens } from '../../../src/engine/runs/import-tokens.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { listPictures } from '../../../src/engine/tokenizer/picture-list.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const callbacks = { signal: new AbortController().signal, progress: () => {} }
const at = (...names: string[]) => join(folder.path, ...names)
const spec = (out: string, more: Partial<SampleSpec> = {}): SampleSpec => ({
  kind: 'sample',
  ...QUICK,
  model: resolve('test/fixtures/official-tiny'),
  out: at(out),
  count: 3,
  shards: 1,
  shard: 0,
  ...more,
})
const NAMES = ['000000.png', '000001.png', '000002.png']
const [FILES, PACKED] = ['files', 'packed']

beforeAll(async () => {
  await runSample(spec(FILES), callbacks)
  // In two sessions: a run may be completed in the other way.
  await runSample(spec(PACKED, { pack: true, count: 2 }), callbacks)
  await runSample(spec(PACKED), callbacks)
})

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** The images of both runs, and what of them is the same. */
async function expectSame(name = PACKED): Promise<void> {
  expect(await finishedImages(at(name, 'images'))).toEqual([0, 1, 2])
  for (const image of NAMES)
    expect(digestOf(await readStored(at(name, 'images', image)))).toBe(
      digestOf(readFileSync(at(FILES, 'images', image))),
    )
  for (const table of ['tokens.npz', 'discriminative.codecs', 'codes.codecs', 'grid.png'])
    expect(digestOf(readFileSync(at(name, table)))).toBe(digestOf(readFileSync(at(FILES, table))))
}

it('has an archive, and the images and tables of a run without', async () => {
  expect(readdirSync(at(PACKED, 'images'))).toEqual(['000002.png', 'images-0000.tar'])
  await expectSame()
})

it('is listed, surveyed, decoded, hashed, exported, imported and reproduced as a run of files', async () => {
  const pictures = async (name: string) =>
    (await listPictures([at(name, 'images')])).pictures.map((path) => path.slice(at(name).length))
  expect(await pictures(PACKED)).toEqual(await pictures(FILES))
  const decoded = async (path: string) => digestOf((await decodeImage(path)).rgb)
  for (const work of [decoded, lookAtImage, fileToSha256])
    expect(await work(at(PACKED, 'images', '000001.png'))).toEqual(
      await work(at(FILES, 'images', '000001.png')),
    )
  const set = async (name: string) => {
    const { count, nameOf, width, height, classes, images } = await openImageSet(at(name))
    const pixels = []
    for await (const { rgb } of images()) pixels.push(digestOf(rgb))
    return { names: pixels.map((_, image) => nameOf(image)), count, width, height, classes, pixels }
  }
  expect(await set(PACKED)).toEqual(await set(FILES))
  const wanted = async (path: string, name: string) => {
    const jobs = await reproduceJobs({ path, workspace: at('workspace') })
    return JSON.stringify(jobs.map((job) => job.wanted)).replaceAll(name, '')
  }
  expect(await wanted(at(PACKED), PACKED)).toBe(await wanted(at(FILES), FILES))
  expect(await wanted(at(PACKED, 'images', '000001.png'), PACKED)).toBe(
    await wanted(at(FILES, 'images', '000001.png'), FILES),
  )
  for (const as of ['folder', 'adm'] as const)
    await exportRun({ as, force: false, run: at(PACKED), out: at('exported', as) }, callbacks)
  expect(readdirSync(at('exported', 'folder'))).toEqual(NAMES)
  for (const run of [FILES, PACKED])
    await runImportTokens(
      { kind: 'import-tokens', out: at(`${run}-tokens`), source: at(run), tokens: 'codes' },
      callbacks,
    )
  const rows = (run: string) =>
    readdirSync(at(`${run}-tokens`), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(parquet|npz)$/.test(name))
      .map((name) => [name, digestOf(readFileSync(at(`${run}-tokens`, name)))])
  expect(rows(PACKED)).not.toEqual([])
  expect(rows(PACKED)).toEqual(rows(FILES))
})

it('makes a damaged image again, and keeps the others and the damaged one', async () => {
  const { pack, start } = (await findPacked(at(PACKED, 'images', '000001.png')))!
  const file = openSync(pack, 'r+')
  writeSync(file, Uint8Array.of(1, 2, 3), 0, 3, start + 900)
  closeSync(file)
  const { summary } = await runSample(spec(PACKED, { pack: true }), callbacks)
  expect(summary).toContain('1 new, 1 damaged made again')
  await expectSame()
  expect(execFileSync('tar', ['-tf', pack], { encoding: 'utf8' }).trim().split('\n')).toEqual([
    '000000.png',
    '000001.png.damaged',
    '000001.png',
  ])
})

it('is the same when it is unpacked in its place', async () => {
  execFileSync('tar', ['-xf', 'images-0000.tar'], { cwd: at(PACKED, 'images') })
  await expectSame()
})
