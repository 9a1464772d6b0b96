// A run of each family of generators through the command line: killed and resumed, divided, repeated.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { exportRun } from '../../src/engine/paper/export.ts'
import { imageName } from '../../src/engine/records/workspace.ts'
import { FAMILY_NAMES, type FamilyName } from '../../src/shared/generators/families.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { commandHere, contents, digit, digitHere, imagesIn, imagesOf } from './run-process.ts'

const folder = temporaryFolder().path
const COUNT = 2

/** What the tiny checkpoints need besides their files, and few steps where there is a choice. */
const FLAGS: { readonly [family in FamilyName]: string } = {
  mage: '--heads 2 --steps 2',
  maskgit: '--heads 4 --steps 2 --class 3',
  taming: '--class 3,5',
  rar: '--class 3 --guidance 2',
  llamagen: '--class 3,4 --topk 20',
  var: '--class 3 --topk 20',
}

describe.each(FAMILY_NAMES)('%s', (family) => {
  const models = resolve('test/fixtures/generators', family)
  const [whole, killed, shards] = ['whole', 'killed', 'shards'].map((name) => join(folder, family, name))
  const sample = (out: string, ...more: string[]) => [
    ...['sample', '--model', models, '--generator', family, '--device', 'cpu', '--seed', '7'],
    ...['--count', `${COUNT}`, '--batch-size', '1', ...FLAGS[family].split(' '), ...more, '--out', out],
  ]
  beforeAll(async () => void (await digitHere(sample(whole!))))

  test('killed after an image and resumed: the files and the record of a run that was not', async () => {
    const afterAnImage = async (signal: AbortSignal) => {
      while ((await imagesIn(killed!)) === 0) await wait(2, undefined, { signal })
    }
    const isCut = async () =>
      (await digit(sample(killed!), afterAnImage)).code === null && (await imagesIn(killed!)) < COUNT
    // On a busy machine it may get through, or as far as its last image, before it is killed.
    while (!(await isCut())) await rm(killed!, { recursive: true })
    const before = await imagesOf(killed!)
    expect(await imagesOf(whole!)).toMatchObject(before)
    await digitHere(sample(killed!))
    expect(await contents(killed!)).toEqual(await contents(whole!))
    expect(await recordOf(killed!)).toEqual(await recordOf(whole!))
  })

  test('in two shards: the images of one run', async () => {
    for (const id of ['0', '1']) await digitHere(sample(shards!, '--num-shards', '2', '--shard-id', id))
    expect(await imagesOf(shards!)).toEqual(await imagesOf(whole!))
  })

  test('one image reproduced: identical', async () => {
    const image = join(whole!, 'images/000001.png')
    const { code, output } = await (family === 'mage' ? digit : commandHere)([
      'reproduce',
      image,
      '--model',
      models,
    ])
    expect([code, output]).toEqual([
      0,
      expect.stringContaining('1 of 1 images are identical, pixel for pixel'),
    ])
  })

  test('exported: the images as they are, and a line of every layer for each', async () => {
    const [pictures, tokens] = ['folder', 'codecs'].map((name) => join(folder, family, name))
    const callbacks = { signal: new AbortController().signal, progress: () => {} }
    await exportRun({ run: whole!, as: 'folder', out: pictures!, force: false }, callbacks)
    await exportRun({ run: whole!, as: 'codecs', out: tokens!, force: false }, callbacks)
    for (let image = 0; image < COUNT; image++)
      expect(await readFile(join(pictures!, imageName(image)))).toEqual(
        await readFile(join(whole!, 'images', imageName(image))),
      )
    const layers = await readdir(tokens!)
    expect(layers).toHaveLength(family === 'var' ? 10 : 1)
    for (const layer of layers)
      expect((await readFile(join(tokens!, layer), 'utf8')).trim().split('\n')).toHaveLength(COUNT)
  })
})

/** run.json but for its folder and its times. */
async function recordOf(out: string): Promise<object> {
  const { spec, started, ended, seconds, ...rest } = JSON.parse(
    await readFile(join(out, 'run.json'), 'utf8'),
  ) as Record<string, object>
  return { ...rest, spec: { ...spec, out: '' }, times: Object.keys({ started, ended, ...seconds }) }
}
