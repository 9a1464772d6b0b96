// `digit tokenize` and `digit decode` with the tokenizers of other generators, against what their original classes computed.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { atlasCommand } from '../../src/cli/commands/atlas.ts'
import { decodeCommand } from '../../src/cli/commands/decode.ts'
import { importTokensCommand } from '../../src/cli/commands/import-tokens.ts'
import { reconstructCommand } from '../../src/cli/commands/reconstruct.ts'
import { tokenizeCommand } from '../../src/cli/commands/tokenize.ts'
import { keptNetworks } from '../../src/engine/devices/network-pool.ts'
import { decodeImage, encodePng } from '../../src/engine/images/index.ts'
import { reproduce } from '../../src/engine/paper/reproduce.ts'
import { textToRecord } from '../../src/engine/records/image-record.ts'
import { openModels } from '../../src/engine/model-set/open-models.ts'
import { openAtlas } from '../../src/engine/runs/atlas/atlas-read.ts'
import { runAtlas } from '../../src/engine/runs/atlas/atlas.ts'
import { readCodebook } from '../../src/engine/runs/atlas/codebook-entries.ts'
import { runDecode } from '../../src/engine/runs/decode.ts'
import { openImageSet } from '../../src/engine/runs/evaluation/image-set.ts'
import { measureReconstructions } from '../../src/engine/runs/evaluation/reconstructions.ts'
import { runImportTokens } from '../../src/engine/runs/import-tokens.ts'
import { runReconstruct } from '../../src/engine/runs/reconstruct.ts'
import { runTokenize } from '../../src/engine/runs/tokenize.ts'
import { readTokenShards } from '../../src/engine/tokens/dataset/shards.ts'
import type { RunSpec } from '../../src/shared/run/run.ts'
import { formulaPictures, GENERATORS, references } from '../engine/models/generators/fixture.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { renamed, tensorsOf, torchFile } from '../torch-file.ts'

const folder = temporaryFolder().path
const networks = keptNetworks()
const callbacks = { signal: new AbortController().signal, progress: () => {}, networks }
afterAll(() => networks.close())

/** What the commands start, in this process. */
async function start(spec: RunSpec): Promise<void> {
  if (spec.kind === 'tokenize') await runTokenize(spec, callbacks)
  else if (spec.kind === 'decode') await runDecode(spec, callbacks)
  else if (spec.kind === 'reconstruct') await runReconstruct(spec, callbacks)
  else if (spec.kind === 'import-tokens') await runImportTokens(spec, callbacks)
  else if (spec.kind === 'atlas') await runAtlas(spec, callbacks)
  else throw new TypeError(spec.kind)
}
const ON_CPU = ['--device', 'cpu', '--batch-size', '2']
const tokenize = (pictures: string, out: string, ...flags: string[]) =>
  tokenizeCommand(start).parseAsync([pictures, ...ON_CPU, '--out', join(folder, out), ...flags], {
    from: 'user',
  })
const decode = (codecs: string, out: string, ...flags: string[]) =>
  decodeCommand(start).parseAsync([codecs, ...ON_CPU, '--out', join(folder, out), ...flags], { from: 'user' })
const reconstruct = (pictures: string, out: string, ...flags: string[]) =>
  reconstructCommand(start).parseAsync([pictures, ...ON_CPU, '--out', join(folder, out), ...flags], {
    from: 'user',
  })
const importTokens = (file: string, out: string, ...flags: string[]) =>
  importTokensCommand(start).parseAsync([file, '--out', join(folder, out), ...flags], { from: 'user' })
const rowsOf = async (out: string) => {
  const rows = []
  for await (const some of readTokenShards(join(folder, out), { grids: ['codes'] })) rows.push(...some)
  return rows
}

/** A folder of pictures of values 0..255 [count, side, side, 3]. */
async function picturesOf(name: string, values: readonly number[], side: number): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  const length = 3 * side * side
  for (let i = 0; i * length < values.length; i++) {
    const rgb = Uint8Array.from(values.slice(i * length, (i + 1) * length))
    await writeFile(join(path, `${i}.png`), await encodePng({ rgb, width: side, height: side }))
  }
  return path
}
/** A .codecs file of tokens [images, cells]. */
async function codecsOf(name: string, tokens: readonly number[], cells: number): Promise<string> {
  const path = join(folder, `${name}.codecs`)
  const lines = Array.from({ length: tokens.length / cells }, (_, i) =>
    tokens.slice(i * cells, (i + 1) * cells),
  )
  await writeFile(path, lines.map((line) => `${line.join(' ')}\n`).join(''))
  return path
}
const idsOf = async (path: string) => (await readFile(path, 'utf8')).trim().split(/\s+/).map(Number)
const imageOf = (out: string, image: number) => readFile(join(folder, out, 'images', `00000${image}.png`))
const bytesOf = async (out: string, image: number) => [
  ...(await decodeImage(await imageOf(out, image), out)).rgb,
]

/** Truncation may fall either way where a value is near an integer. */
function expectBytes(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length)
  expect(found.filter((level, i) => Math.abs(level - expected[i]!) > 1)).toEqual([])
  expect(found.filter((level, i) => level !== expected[i]).length).toBeLessThan(found.length / 200)
}

describe.each(['mage', 'taming', 'maskgit'] as const)('%s', (name) => {
  test('pictures -> codes -> pictures, as the original', async () => {
    const bytes = name === 'maskgit' ? 'vq_u8_taming_rule' : 'vq_u8'
    const expected = await references(name, ['image_u8', 'vq_tokens', bytes])
    const side = Math.sqrt(expected.image_u8!.length / 6)
    const flags = ['--model', join(GENERATORS, name), '--tokenizer', name]
    await tokenize(await picturesOf(name, expected.image_u8!, side), `${name}-tokens`, ...flags)
    const codecs = join(folder, `${name}-tokens/codes.codecs`)
    expect(await idsOf(codecs)).toEqual(expected.vq_tokens)
    await decode(codecs, `${name}-pictures`, ...flags)
    const found = [...(await bytesOf(`${name}-pictures`, 0)), ...(await bytesOf(`${name}-pictures`, 1))]
    expectBytes(found.slice(0, expected[bytes]!.length), expected[bytes]!)
    await reconstruct(join(folder, name), `${name}-again`, ...flags)
    expect([...(await bytesOf(`${name}-again`, 0)), ...(await bytesOf(`${name}-again`, 1))]).toEqual(found)
  })
})

describe.each(['rar', 'llamagen', 'var'] as const)('%s', (name) => {
  const flags = ['--model', join(GENERATORS, name), '--tokenizer', name]
  const cells = name === 'var' ? 680 : 256

  test('pictures -> codes, as the original up to near ties', async () => {
    const expected = await references(name, ['encode_tokens', 'encode_margin'])
    await tokenize(await picturesOf(name, formulaPictures(), 256), `${name}-tokens`, ...flags)
    const found = await idsOf(join(folder, `${name}-tokens/codes.codecs`))
    expect(found).toHaveLength(2 * cells)
    const isNear = expected.encode_margin!.map((margin) => margin <= 1e-3)
    // The residual of a scale depends on all scales before.
    const compared = found.flatMap((_, i) =>
      isNear.slice(name === 'var' ? i - (i % cells) : i, i + 1).includes(true) ? [] : [i],
    )
    expect(compared.length).toBeGreaterThan(200)
    expect(compared.map((i) => found[i])).toEqual(compared.map((i) => expected.encode_tokens![i]))
  })

  test('codes -> pictures, as the original, and again from the PNG alone', async () => {
    const expected = await references(name, ['decode_tokens', 'decode_u8'])
    const codecs = await codecsOf(name, expected.decode_tokens!.slice(0, cells), cells)
    // The only tokenizer of a folder without DiGIT need not be named.
    await decode(codecs, `${name}-pictures`, '--model', join(GENERATORS, name))
    const thinned = (await bytesOf(`${name}-pictures`, 0)).filter(
      (_, i) => (Math.floor(i / 3) % 256) % 4 === 0 && Math.floor(i / 768) % 4 === 0,
    )
    expectBytes(thinned, expected.decode_u8!)
    const alone = join(folder, `${name}-alone.png`)
    await cp(join(folder, `${name}-pictures/images/000000.png`), alone)
    const again = { path: alone, model: join(GENERATORS, name), workspace: folder }
    expect((await reproduce(again, callbacks)).images).toMatchObject([{ same: true }])
  })
})

test('the scales of VAR are columns of the data set and layers of the image', async () => {
  const ids = await idsOf(join(folder, 'var-tokens/codes.codecs'))
  const rows = await rowsOf('var-tokens')
  const scales = rows.map((row) => row.scales!)
  expect(Object.keys(scales[0]!)).toHaveLength(10)
  expect(scales.flatMap((row) => Object.values(row).flatMap(({ tokens }) => Array.from(tokens)))).toEqual(ids)
  expect(Array.from(rows[1]!.codes!.tokens)).toEqual(ids.slice(-256))
  const { codes, scales: layers } = textToRecord(await imageOf('var-pictures', 0), 'image')
  expect(Object.keys(layers!)).toEqual(Object.keys(scales[0]!))
  expect(codes).toBe(layers!.scale_16)
})

test('VAR makes pictures again through its ten scales, with the measures of a reconstruction', async () => {
  const pictures = join(folder, 'var')
  const model = join(GENERATORS, 'var')
  await reconstruct(pictures, 'var-again', '--model', model)
  await decode(join(folder, 'var-tokens/codes.codecs'), 'var-both', '--model', model)
  expect(await bytesOf('var-again', 1)).toEqual(await bytesOf('var-both', 1))
  const { recipe, scales, source } = textToRecord(await imageOf('var-again', 1), 'image')
  expect(recipe.tokenizer).toEqual({ kind: 'var' })
  expect(Object.keys(scales!)).toHaveLength(10)
  expect(source!.name).toBe('1.png')
  // Also from the PNG alone, whose codes are all that is needed.
  const alone = join(folder, 'var-again.png')
  await cp(join(folder, 'var-again/images/000001.png'), alone)
  expect((await reproduce({ path: alone, model, workspace: folder }, callbacks)).images).toMatchObject([
    { same: true },
  ])
  const samples = await openImageSet(join(folder, 'var-again'))
  const measured = await measureReconstructions(samples, await openImageSet(pictures), {
    signal: callbacks.signal,
    note: () => {},
  })
  expect(measured.settings).toMatchObject({ reconstructed: 2, code_cells: 2 * 680 })
  const used = new Set(await idsOf(join(folder, 'var-tokens/codes.codecs'))).size
  expect(measured.results).toMatchObject({ codes_used: used, codebook_usage: used / 64 })
  expect(measured.results.psnr).toBeGreaterThan(0)
})

test('imported codes have the layers of their tokenizer', async () => {
  const path = join(folder, 'var-tokens/codes.codecs')
  await importTokens(path, 'var-imported', '--model', join(GENERATORS, 'var'))
  const layers = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
    rows.map(({ scales = {} }) =>
      Object.entries(scales).map(([name, { tokens }]) => [name, ...Array.from(tokens)]),
    )
  expect(layers(await rowsOf('var-imported'))).toEqual(layers(await rowsOf('var-tokens')))
  const { vocabulary } = JSON.parse(await readFile(join(folder, 'var-imported/dataset.json'), 'utf8')) as {
    vocabulary: unknown
  }
  expect(vocabulary).toEqual({ codes: 64 })
  // No part of a line is used for a whole.
  await expect(importTokens(path, 'refused', '--tokens', 'codes')).rejects.toThrow(
    'codes.codecs, line 1: wrong number of tokens (found 680, expected 256 of DiGIT; --tokenizer names another generator)',
  )
  const rar = ['--model', join(GENERATORS, 'rar'), '--tokenizer', 'rar']
  await expect(importTokens(path, 'refused', ...rar)).rejects.toThrow('(found 680, expected 256)')
  await expect(decode(path, 'refused', ...rar)).rejects.toThrow('(found 680, expected 256)')
  await expect(importTokens(path, 'refused', ...rar, '--tokens', 'discriminative')).rejects.toThrow(
    'discriminative tokens cannot be used',
  )
  await expect(importTokens(join(folder, 'var-pictures'), 'refused', ...rar)).rejects.toThrow(
    'a tokenizer is only for files',
  )
})

describe('an atlas', () => {
  const atlas = (dataset: string, model: string, ...flags: string[]) =>
    atlasCommand(start).parseAsync(
      [join(folder, dataset), '--model', join(GENERATORS, model), '--device', 'cpu', ...flags],
      { from: 'user' },
    )
  const counts = (ids: readonly number[], K: number) =>
    Array.from({ length: K }, (_, k) => ids.filter((id) => id === k).length)
  const atlasAt = (dataset: string, layer: string) => openAtlas(join(folder, dataset, `atlas-${layer}`))

  test('of the codes of pictures, against those of a run', async () => {
    await importTokens(join(folder, 'rar-pictures'), 'rar-imported')
    await atlas('rar-tokens', 'rar', '--against', join(folder, 'rar-imported'))
    const [real, made] = [await atlasAt('rar-tokens', 'codes'), await atlasAt('rar-imported', 'codes')]
    const ids = await idsOf(join(folder, 'rar-tokens/codes.codecs'))
    expect(Array.from((await real.table()).cells)).toEqual(counts(ids, 64))
    expect(real.info).toMatchObject({ tokens: 'codes', entries: 64, images: 2, cells: 512 })
    expect(made.info).toMatchObject({ tokens: 'codes', entries: 64, images: 1, cells: 256 })
    expect(made.codebook).toEqual(real.codebook)
    // The cell of an example has the code, in the picture that it came from.
    const used = ids[300]!
    const [{ image, cell }] = (await real.examples(used, 0, 1)) as [{ image: number; cell: number }]
    expect(ids[image * 256 + cell]).toBe(used)
    expect(await real.imagePath(image)).toBe(join(folder, `rar/${image}.png`))
  })

  test('of a scale of VAR', async () => {
    await atlas('var-tokens', 'var', '--tokens', 'scale_13')
    const { info, table } = await atlasAt('var-tokens', 'scale_13')
    expect(info).toMatchObject({ tokens: 'scale_13', entries: 64, images: 2, cells: 2 * 169 })
    const ids = (await rowsOf('var-tokens')).flatMap(({ scales }) => Array.from(scales!.scale_13!.tokens))
    expect(Array.from((await table()).cells)).toEqual(counts(ids, 64))
    await expect(atlas('var-tokens', 'var', '--tokens', 'scale_12')).rejects.toThrow(
      'image 0 has no scale_12 tokens',
    )
  })

  test('of other codes than those of the models is refused', async () => {
    for (const dataset of ['rar-tokens', 'rar-imported'])
      await expect(atlas(dataset, 'var', '--out', join(folder, 'refused-atlas'))).rejects.toThrow(
        'not the codebook of the tokens',
      )
  })

  test('of LlamaGen has its vectors at length 1, as its codes are compared', async () => {
    const models = await openModels([join(GENERATORS, 'llamagen')])
    const { entries, K, D } = await readCodebook(models, 'codes')
    await models.close()
    const lengths = Array.from({ length: K }, (_, k) => Math.hypot(...entries.subarray(k * D, (k + 1) * D)))
    expect(lengths.filter((length) => Math.abs(length - 1) > 1e-6)).toEqual([])
  })
})

test('LlamaGen has pictures of 384 px with 24 cells a side', async () => {
  const codecs = await codecsOf(
    'wide',
    Array.from({ length: 576 }, (_, i) => i % 50),
    576,
  )
  await decode(
    codecs,
    'wide',
    '--model',
    join(GENERATORS, 'llamagen'),
    '--tokenizer',
    'llamagen',
    '--side',
    '24',
  )
  expect((await imageOf('wide', 0)).readUInt32BE(16)).toBe(384)
  expect(textToRecord(await imageOf('wide', 0), 'wide').recipe.tokenizer).toEqual({
    kind: 'llamagen',
    side: 24,
  })
})

describe('refuses', () => {
  const refused = (name: string, ...flags: string[]) =>
    tokenize(GENERATORS, 'refused', '--model', name, ...flags)
  const rar = join(GENERATORS, 'rar')

  test('a tokenizer without an encoder, before anything is written', async () => {
    const path = join(folder, 'half')
    await mkdir(path)
    const vq = await tensorsOf(join(rar, 'maskgit-vqgan-imagenet-f16-256.bin'))
    const half = renamed(vq, (name) => (name.startsWith('encoder.') ? undefined : name))
    await writeFile(join(path, 'vq.bin'), torchFile(half))
    await expect(refused(path)).rejects.toThrow('vq.bin: no encoder (this MaskGIT VQGAN has a decoder only')
    await expect(readFile(join(folder, 'refused/dataset.json'))).rejects.toThrow('ENOENT')
    await expect(reconstruct(join(folder, 'rar'), 'refused', '--model', path)).rejects.toThrow('no encoder')
    await expect(readFile(join(folder, 'refused/run.json'))).rejects.toThrow('ENOENT')
    await decode(
      await codecsOf('half', new Array<number>(256).fill(3), 256),
      'half-pictures',
      '--model',
      path,
    )
    expect((await imageOf('half-pictures', 0)).readUInt32BE(16)).toBe(256)
  })

  test('one that the models do not have, and what does not fit it', async () => {
    await expect(refused(rar, '--tokenizer', 'var')).rejects.toThrow(
      `tokenizer var: not among the models (found ${join(rar, 'maskgit-vqgan-imagenet-f16-256.bin')})`,
    )
    await expect(refused(join(GENERATORS, 'var'), '--side', '24')).rejects.toThrow(
      'cells along a side cannot be chosen (the scales of a VAR multi-scale VQ are its own)',
    )
    await expect(refused(rar, '--precision', 'int8')).rejects.toThrow(
      'int8 is not available for MaskGIT VQGAN',
    )
    const short = await codecsOf('short', [1, 2, 3], 3)
    await expect(decode(short, 'refused', '--model', rar)).rejects.toThrow('found 3, expected 256')
    const large = await codecsOf('large', new Array<number>(256).fill(64), 256)
    await expect(decode(large, 'refused', '--model', rar)).rejects.toThrow('found 64, vocabulary size 64')
    await expect(decode(short, 'refused', '--model', rar, '--tokens', 'discriminative')).rejects.toThrow(
      'discriminative tokens cannot be used (MaskGIT VQGAN decodes its own codes)',
    )
  })
})
