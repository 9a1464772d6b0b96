// Runs of generators of other families than DiGIT, on the tiny checkpoints of their original classes.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openFile, readNpz, readParquet } from '../../../src/engine/bytes/index.ts'
import { decodeImage } from '../../../src/engine/images/index.ts'
import { runImportTokens } from '../../../src/engine/runs/import-tokens.ts'
import { importModels, openModels } from '../../../src/engine/model-set/open-models.ts'
import { chooseGenerator } from '../../../src/engine/model-set/generators/choose.ts'
import { matchGenerators } from '../../../src/engine/model-set/generators/match.ts'
import { isDrawn, type DrawnGrid } from '../../../src/engine/tokens/grid.ts'
import { textToRecord, type ImageRecord } from '../../../src/engine/records/image-record.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { FAMILIES, presetsOf, settingsOf, type FamilyName } from '../../../src/shared/generators/families.ts'
import type { ModelFile } from '../../../src/shared/models/models.ts'
import type { GeneratorSpec, SampleSpec } from '../../../src/shared/run/run.ts'
import { noiseOf } from '../../../src/engine/decoding/generators/decoder.ts'
import { drawToken } from '../../../src/engine/decoding/generators/draw-token.ts'
import { keptNetworks } from '../../../src/engine/devices/network-pool.ts'
import { scope } from '../../../src/engine/devices/scope.ts'
import { generatorLogits } from '../../../src/engine/inspect/generator-logits.ts'
import { scalePicture } from '../../../src/engine/inspect/scale-pictures.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { renamed, tensorsOf, torchFile } from '../../torch-file.ts'

const FIXTURES = resolve('test/fixtures/generators')
const folder = temporaryFolder().path
const callbacks = { progress: () => {}, signal: new AbortController().signal }
const STOPPED = new Error('stopped')

/** What the fixtures need besides their files, and few steps where there is a choice. */
const SPECS: { readonly [family in FamilyName]: GeneratorSpec & { readonly classes: number[] } } = {
  mage: { family: 'mage', heads: 2, settings: { steps: 2 }, classes: [] },
  maskgit: { family: 'maskgit', heads: 4, settings: { steps: 6 }, classes: [3] },
  taming: { family: 'taming', settings: {}, classes: [3, 5] },
  rar: { family: 'rar', settings: { guidance: 2 }, classes: [3] },
  llamagen: { family: 'llamagen', settings: { topK: 20 }, classes: [3] },
  var: { family: 'var', settings: { topK: 20 }, classes: [3] },
}

function specOf(family: FamilyName, out: string, change: Partial<SampleSpec> = {}): SampleSpec {
  const { classes, ...generator } = SPECS[family]
  return {
    kind: 'sample',
    model: join(FIXTURES, family),
    out: join(folder, out),
    device: 'cpu',
    batchSize: 2,
    weightBits: 32,
    seed: 7,
    count: 2,
    classes,
    stage1Sampling: { temperature: 1, topK: 0, topP: 0 },
    stage2: 'ar',
    stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
    masked: { steps: 8, choiceTemperature: 4.5 },
    generator,
    shards: 1,
    shard: 0,
    ...change,
  }
}
const pixelsOf = async (out: string, image: number) => (await decodeImage(await imageOf(out, image), out)).rgb
const imageOf = (out: string, image: number) => readFile(join(folder, out, 'images', `00000${image}.png`))

test.each(Object.keys(FAMILIES) as FamilyName[])('%s samples, with a record of what drew', async (family) => {
  const whole = `${family}-whole`
  await runSample(specOf(family, whole), callbacks)
  const record = textToRecord(await imageOf(whole, 1), 'second')
  const { settings, ...rest } = record.recipe.generator!
  expect(rest).toMatchObject({ family, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  expect(settings).toEqual(settingsOf(family, SPECS[family].settings))
  expect(record.recipe.stage1).toBeUndefined()
  expect(record.codes.tokens).toHaveLength(256)
  expect(isDrawn(record.codes)).toBe(true)
})

/** Codes of every kind of place: the first, the last, of every step or scale, and where the mask may have been drawn. */
function someCodes({ codes, scales }: ImageRecord): readonly (readonly [layer: string, cell: number])[] {
  if (scales) return Object.keys(scales).map((name, i) => [name, i] as const)
  const { steps, tokens } = codes as DrawnGrid
  if (!steps) return [0, 1, 100, 255].map((cell) => ['codes', cell] as const)
  const ofSteps = [...new Set(steps)].flatMap((step) => [steps.indexOf(step), steps.lastIndexOf(step)])
  const lastCodes = [...tokens.keys()].filter((i) => tokens[i] === 63)
  return [...ofSteps, ...lastCodes].map((cell) => ['codes', cell] as const)
}

test.each(Object.keys(FAMILIES) as FamilyName[])(
  '%s weighs the tokens of a code again as recorded',
  async (family) => {
    const record = textToRecord(await imageOf(`${family}-whole`, 1), 'second')
    const { seed, generator } = record.recipe
    const models = await openModels([join(FIXTURES, family)])
    const kept = keptNetworks()
    const networks = kept.lease()
    try {
      const scales = Object.keys(record.scales ?? {})
      const noise = noiseOf(seed, 1, scales.length > 0 ? 680 : 256)
      const masks: boolean[] = []
      for (const [layer, cell] of someCodes(record)) {
        const grid = (record.scales?.[layer] ?? record.codes) as DrawnGrid
        const { logits, rule, mask } = await generatorLogits(record, layer, cell, models, networks)
        const step = grid.steps?.[cell] ?? (record.scales ? scales.indexOf(layer) : cell)
        const uniform = noise.uniform(step, grid.steps || record.scales ? cell : 0)
        const drawn = drawToken(logits, rule!, uniform)
        expect(drawn.token).toBe(mask?.isDrawn ? mask.id : grid.tokens[cell])
        expect(drawn.rank).toBe(grid.ranks[cell])
        expect(drawn.logProbability).toBeCloseTo(grid.logProbabilities[cell]!, 4)
        expect(drawn.entropy).toBeCloseTo(grid.entropies[cell]!, 4)
        if (mask) masks.push(mask.isDrawn)
      }
      if (family === 'maskgit') expect(new Set(masks)).toEqual(new Set([true, false]))
      if (!('guidance' in generator!.settings)) return
      const [layer, cell] = someCodes(record).at(-1)!
      const weighed = (guidance: number) =>
        generatorLogits(record, layer, cell, models, networks, { guidance }).then(({ logits }) => logits)
      expect(await weighed(3)).not.toEqual(await weighed(2))
      await expect(generatorLogits(record, 'codes', 256, models, networks)).rejects.toThrow(
        'cell: out of range (found 256, expected 0 to 255)',
      )
    } finally {
      await networks.close()
      await kept.close()
      await models.close()
    }
  },
)

test('stops within an image', async () => {
  const stop = new AbortController()
  const run = runSample(specOf('rar', 'within'), {
    signal: stop.signal,
    progress: (step) => step > 0.2 && stop.abort(STOPPED),
  })
  await expect(run).rejects.toBe(STOPPED)
  await expect(imageOf('within', 0)).rejects.toThrow('ENOENT')
})

test('LlamaGen draws a grid of 24 cells a side for pictures of 384 px', async () => {
  // Its file says so by the arguments of its training.
  const model = join(folder, 'large')
  await mkdir(model)
  const gpt = renamed(await tensorsOf(join(FIXTURES, 'llamagen/c2i_B_256.pt')), (name) =>
    name.startsWith('model.') ? name.slice('model.'.length) : undefined,
  )
  await writeFile(join(model, 'c2i_B_384.pt'), torchFile({ model: gpt, args: { image_size: 384 } }))
  await cp(join(FIXTURES, 'llamagen/vq_ds16_c2i.pt'), join(model, 'vq.pt'))
  await runSample(specOf('llamagen', 'wide', { count: 1, model }), callbacks)
  const record = textToRecord(await imageOf('wide', 0), 'wide')
  expect(record.codes.tokens).toHaveLength(576)
  expect(record.recipe.generator!.side).toBe(24)
  const header = (await imageOf('wide', 0)).readUInt32BE(16)
  expect(header).toBe(384)
})

test('VAR records its ten scales: in the image, in the arrays of the run, and as columns of a data set', async () => {
  const [path, sides] = [join(folder, 'var-whole'), [1, 2, 3, 4, 5, 6, 8, 10, 13, 16]]
  const image = await imageOf('var-whole', 1)
  const record = textToRecord(image, 'second')
  expect(Object.keys(record.scales!)).toEqual(sides.map((side) => `scale_${side}`))
  for (const [i, grid] of Object.values(record.scales!).entries()) {
    expect(grid.tokens).toHaveLength(sides[i]! ** 2)
    expect(isDrawn(grid)).toBe(true)
  }
  expect(record.codes).toBe(record.scales!.scale_16)

  const file = await openFile(join(path, 'tokens.npz'))
  const arrays = await readNpz(file, ['scale_13', 'scale_13_rank'])
  await file.close()
  expect(arrays.get('scale_13_rank')!.shape).toEqual([2, 169])
  const grid = record.scales!.scale_13!
  expect(Array.from(arrays.get('scale_13')!.data as Int32Array).slice(169)).toEqual(Array.from(grid.tokens))

  const out = join(folder, 'var-tokens')
  await runImportTokens({ kind: 'import-tokens', source: path, out, tokens: 'codes' }, callbacks)
  const table = await openFile(join(out, 'tokens/000000.parquet'))
  const columns = await readParquet(table, ['codes', 'scale_13', 'scale_13_log_probability'])
  await table.close()
  expect(columns.get('scale_13')![1]).toEqual(Array.from(grid.tokens))
  expect(columns.get('codes')![1]).toEqual(Array.from(record.codes.tokens))
  expect(columns.get('scale_13_log_probability')![1]).toHaveLength(169)

  // All ten pinned: the same image, whatever the seed.
  const codes = Object.values(record.scales!).flatMap(({ tokens }) => [...tokens])
  await runSample(specOf('var', 'var-pinned', { count: 1, seed: 8, pinned: [{ codes }] }), callbacks)
  const pinned = textToRecord(await imageOf('var-pinned', 0), 'pinned')
  expect(Object.values(pinned.scales!).flatMap(({ tokens }) => [...tokens])).toEqual(codes)
  expect(pinned.scales!.scale_2!.pinned).toEqual(Uint8Array.from([1, 1, 1, 1]))
  expect(await pixelsOf('var-pinned', 0)).toEqual(await pixelsOf('var-whole', 1))
})

test('VAR has a picture after each scale, of that scale and all before', async () => {
  const record = textToRecord(await imageOf('var-whole', 1), 'second')
  const models = await openModels([join(FIXTURES, 'var')])
  const networks = keptNetworks()
  const after = (count: number, of = record) =>
    scope((keep) => scalePicture(of, count, models, networks, keep)).then((png) => decodeImage(png, 'scale'))
  try {
    expect((await after(10)).rgb).toEqual(await pixelsOf('var-whole', 1))
    // Scales that do not take part may have any codes.
    const later = Object.entries(record.scales!).slice(3)
    const changed = Object.fromEntries(
      later.map(([name, { tokens }]) => [name, { tokens: tokens.map((token) => (token + 1) % 64) }]),
    )
    const third = await after(3)
    expect((await after(3, { ...record, scales: { ...record.scales, ...changed } })).rgb).toEqual(third.rgb)
    expect((await after(2)).rgb).not.toEqual(third.rgb)
    expect((await after(4)).rgb).not.toEqual(third.rgb)

    await expect(after(11)).rejects.toThrow('scales: out of range (found 11, expected 1 to 10)')
    const other = { ...record, recipe: { ...record.recipe, vqgan: 'ab'.repeat(32) } }
    await expect(after(3, other)).rejects.toThrow(
      /not the tokenizer of this image \(found [0-9a-f]{12}, expected abababababab\)$/,
    )
  } finally {
    await networks.close()
    await models.close()
  }
})

describe('refuses', () => {
  const refused = (family: FamilyName, change: Partial<SampleSpec>) =>
    runSample(specOf(family, 'refused', change), callbacks)

  test('a class-conditional generator without a class, and classes that it lacks', async () => {
    await expect(refused('rar', { classes: [] })).rejects.toThrow(
      'a class is needed (this RAR is class-conditional, classes 0 to 999)',
    )
    await expect(refused('rar', { classes: [1000] })).rejects.toThrow(
      'class out of range (found 1000, expected 0 to 999)',
    )
    await expect(refused('mage', { classes: [1] })).rejects.toThrow('this MAGE is unconditional')
  })

  test('what only DiGIT has', async () => {
    await expect(refused('rar', { weightBits: 8 })).rejects.toThrow('int8 is not available for RAR')
    await expect(refused('rar', { commonNoise: 'stage1' })).rejects.toThrow('RAR has no second stage')
    const discriminative = new Array<number>(256).fill(1)
    await expect(refused('rar', { pinned: [{ discriminative }] })).rejects.toThrow(
      'discriminative tokens cannot be used',
    )
  })

  test('settings of another family', async () => {
    const generator: GeneratorSpec = { family: 'rar', settings: { topK: 5 } }
    await expect(refused('rar', { generator })).rejects.toThrow(
      'top-k: not a setting of RAR (expected temperature, guidance, guidance power)',
    )
  })

  test('cells along a side where the tensors say them, or other than in the training', async () => {
    const generator: GeneratorSpec = { family: 'rar', settings: {}, side: 24 }
    await expect(refused('rar', { generator })).rejects.toThrow(
      'cells along a side cannot be chosen (found 24; the tensors of RAR say them)',
    )
    const wide: GeneratorSpec = { family: 'llamagen', settings: {}, side: 16 }
    await expect(refused('llamagen', { generator: wide, model: join(folder, 'large') })).rejects.toThrow(
      'cells along a side other than in its training (found 16, expected 24)',
    )
  })

  test('a number of heads that is unknown or does not fit', async () => {
    const generator: GeneratorSpec = { family: 'mage', settings: {} }
    await expect(refused('mage', { generator })).rejects.toThrow('set it with --heads')
    await expect(refused('mage', { generator: { ...generator, heads: 5 } })).rejects.toThrow(
      '32 dimensions are not divisible by 5 heads',
    )
  })

  test('a generator without its tokenizer', async () => {
    const alone = join(folder, 'alone')
    await mkdir(alone)
    await cp(join(FIXTURES, 'rar/rar_b.bin'), join(alone, 'rar_b.bin'))
    await cp(join(FIXTURES, 'llamagen/vq_ds16_c2i.pt'), join(alone, 'vq.pt'))
    await expect(refused('rar', { model: alone })).rejects.toThrow(
      'RAR needs a MaskGIT VQGAN of 64 codes (found none)',
    )
    const { generators, notes } = await importModels([alone])
    expect(generators).toMatchObject([
      { family: 'rar', lacks: expect.stringContaining('found none') as string },
    ])
    expect(notes.join()).toContain('needs a MaskGIT VQGAN')
    await expect(refused('mage', { model: alone })).rejects.toThrow(
      'MAGE generator: none among the models (found rar)',
    )
  })
})

describe('finds', () => {
  const file = (
    id: string,
    kind: ModelFile['kind'],
    facts: ModelFile['facts'],
    problem?: string,
  ): ModelFile => ({
    id,
    kind,
    facts,
    path: `/models/${id}`,
    prefix: '',
    bytes: 1,
    sha256: id,
    summary: id,
    ...(problem === undefined ? {} : { problem }),
  })
  const gpt = file('a/gpt', 'generator', { family: 'llamagen', codes: 16384, width: 768 })

  test('the tokenizer of the same number of codes, the nearest first', () => {
    const files = [
      gpt,
      file('b/vq', 'tokenizer', { family: 'llamagen', codes: 16384 }),
      file('a/vq', 'tokenizer', { family: 'llamagen', codes: 16384 }),
      file('a/taming', 'tokenizer', { family: 'taming', codes: 16384 }),
    ]
    expect(matchGenerators(files)).toEqual([{ family: 'llamagen', generator: 'a/gpt', tokenizer: 'a/vq' }])
  })

  test('why none fits', () => {
    const small = file('vq', 'tokenizer', { family: 'llamagen', codes: 1024 })
    expect(matchGenerators([gpt, small])[0]!.lacks).toBe(
      'LlamaGen needs a LlamaGen VQ of 16384 codes (found one of 1024 codes)',
    )
    const broken = file('vq', 'tokenizer', { family: 'llamagen', codes: 16384 }, 'a tensor is missing')
    expect(matchGenerators([gpt, broken])[0]!.lacks).toContain(
      '/models/vq cannot be used: a tensor is missing',
    )
  })

  test('a checkpoint of MAGE whole: generator and VQGAN, not an encoder', async () => {
    const { files, set, generators } = await importModels([join(FIXTURES, 'mage')])
    expect(files.map(({ kind }) => kind).sort()).toEqual(['generator', 'vqgan', 'vqgan-config'])
    expect(files.every(({ problem }) => problem === undefined)).toBe(true)
    expect(generators).toHaveLength(1)
    expect(set.encoder).toBeUndefined()
  })

  test('the size of pictures by the name of a file, if nothing else says it', () => {
    const sideOf = (path: string, facts = {}) => {
      const generator = { ...gpt, path, facts: { ...gpt.facts, ...facts } }
      const vq = file('vq', 'tokenizer', { family: 'llamagen', codes: 16384 })
      const files = [generator, vq]
      return chooseGenerator({ files, generators: matchGenerators(files) }, { family: 'llamagen' }).hints.side
    }
    expect(sideOf('/models/c2i_L_384.pt')).toBe(24)
    expect(sideOf('/models/c2i_L_256.pt')).toBeUndefined()
    expect(sideOf('/models_384/own.pt')).toBeUndefined()
    expect(sideOf('/models/c2i_L_384.pt', { side: 16 })).toBe(16)
  })

  test('published settings by the width of a model', () => {
    expect(settingsOf('rar', {}, 1024)).toEqual({ guidance: 15.5, guidancePower: 2.5, temperature: 1.02 })
    expect(settingsOf('llamagen', { topK: 5 }, 1280)).toEqual({
      guidance: 1.75,
      guidancePower: 0,
      guidanceInterval: -1,
      temperature: 1,
      topK: 5,
      topP: 1,
    })
    expect(presetsOf('rar', 768).map(({ name }) => name)).toEqual(['RAR-B', 'example', 'without guidance'])
    expect(presetsOf('rar', 768).at(-1)!.values.guidance).toBe(1)
  })
})
