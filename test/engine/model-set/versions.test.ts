// Several models of one kind in a file: the recommended one is taken and named, another can be chosen, and nothing
// confuses the two.
import { readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine } from '../../../src/engine/api/index.ts'
import { cacheFolder } from '../../../src/engine/model-set/cache.ts'
import { openModels } from '../../../src/engine/model-set/open-models.ts'
import { quantisedLinear } from '../../../src/engine/model-set/quantise.ts'
import { byRecommendation } from '../../../src/engine/model-set/versions.ts'
import { openExtractor } from '../../../src/engine/runs/evaluation/open-extractor.ts'
import { runDecode } from '../../../src/engine/runs/decode.ts'
import { openTokenizer } from '../../../src/engine/tokenizer/tokenizer.ts'
import { labelPlace } from '../../../src/engine/workspace/cluster-labels.ts'
import type { ModelChoice } from '../../../src/shared/models/models.ts'
import type { DecodeSpec } from '../../../src/shared/run/run.ts'
import { fileHash, shortHash } from '../../../src/shared/models/model-hash.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { changed, fairseqOf, renamed, tensorsOf, torchFile, type MadeTensor } from '../../torch-file.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const folder = temporaryFolder()
const ENCODER = join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth')
const CODEBOOK = join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
const VQGAN = join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt')
const STUDENT = 'model.student.backbone.'
const TEACHER = 'model.teacher.backbone.'
const behind = (prefix: string, tensors: Record<string, MadeTensor>) =>
  renamed(tensors, (name) => prefix + name)
/** The same model with other weights. */
const other = (tensors: Record<string, MadeTensor>) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, made]) => [
      name,
      changed(made, (value, i) => value + (i % 7) * 0.02),
    ]),
  )

let training: string
let averaged: string
beforeAll(async () => {
  const encoder = await tensorsOf(ENCODER)
  training = folder.write(
    'dino.pth',
    torchFile({ ...behind(STUDENT, other(encoder)), ...behind(TEACHER, encoder) }),
  )
  const vqgan = renamed(await tensorsOf(VQGAN), (name) => name.replace(/^state_dict\./, ''))
  averaged = folder.write('vqgan.ckpt', torchFile({ model: vqgan, ema: other(vqgan), optimizer: {} }))
})

describe('the recommended model', () => {
  it.each([
    [['model.student.backbone.', 'model.teacher.backbone.'], 'model.teacher.backbone.'],
    [['student.', 'teacher.'], 'teacher.'],
    [['model.', 'ema.'], 'ema.'],
    [['state_dict.', 'model_ema.'], 'model_ema.'],
    [['state_dict_ema.', 'state_dict.'], 'state_dict_ema.'],
    [['encoder.', 'target_encoder.'], 'target_encoder.'],
    [['ema.', 'teacher.'], 'teacher.'],
    [['extra_state.ema.', 'model.'], 'model.'],
    [['module.', 'model.'], 'module.'],
  ])('of %j is %s', (prefixes, first) => {
    expect(byRecommendation(prefixes)[0]).toBe(first)
  })
})

async function tokensOf(files: readonly string[], choose: ModelChoice = {}) {
  const models = await openModels([...files, CODEBOOK], choose)
  try {
    const encoder = await models.open('encoder')
    const tokenizer = await openTokenizer(encoder, await models.open('codebook'), 224, 'cpu')
    const rgb = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 31 + (i >> 9) * 17) % 256)
    const [found] = await tokenizer.tokens([{ rgb, width: 224, height: 224 }])
    await tokenizer.close()
    return { tokens: [...found!.tokens], file: encoder.file, notes: models.modelSet.notes }
  } finally {
    await models.close()
  }
}

describe('student and teacher of a training checkpoint', () => {
  it('the teacher is taken and named, with the tokens of the plain encoder', async () => {
    const plain = await tokensOf([ENCODER])
    const { tokens, file, notes } = await tokensOf([training])
    expect(tokens).toEqual(plain.tokens)
    expect(file.prefix).toBe(TEACHER)
    // Files are named from the folder that all of them share.
    expect(notes).toContainEqual(
      expect.stringMatching(/^encoder: \S*dino\S*#\S*teacher\S* \(selected over \S*dino\S*#\S*student\S*\)$/),
    )
  })

  it('the student can be chosen, by its prefix with or without the last dot', async () => {
    const teacher = await tokensOf([training])
    const student = await tokensOf([training], { encoder: `${training}#model.student.backbone` })
    expect(student.tokens).not.toEqual(teacher.tokens)
    expect(student.file.sha256).toBe(`${fileHash(teacher.file.sha256)}#${STUDENT}`)
    expect(shortHash(student.file.sha256)).toBe(`${student.file.sha256.slice(0, 12)}#${STUDENT}`)
    expect((await tokensOf([training], { encoder: `${training}#${STUDENT}` })).tokens).toEqual(student.tokens)
  })

  it('measurements keep the features of the two apart', async () => {
    const extractorOf = async (choose: ModelChoice) => {
      const models = await openModels([training], choose)
      const extractor = await openExtractor('dinov2', models, 'cpu')
      await extractor.close()
      await models.close()
      return extractor.sha256
    }
    expect(await extractorOf({})).toMatch(/^[0-9a-f]{64}#model\.teacher\.backbone\.$/)
    expect(await extractorOf({ encoder: `${training}#${STUDENT}` })).toMatch(/#model\.student\.backbone\.$/)
  })

  it('a file with a new time and the same content is still the same', async () => {
    const models = await openModels([training])
    utimesSync(training, 1, 1)
    const { file } = await models.open('encoder')
    await models.close()
    expect(file.prefix).toBe(TEACHER)
  })

  it('a prefix that the file does not have is refused with those it has', async () => {
    await expect(openModels([training], { encoder: `${training}#other.` })).rejects.toThrow(
      `${training}#other.: cannot be used as encoder: no model has this prefix (found ${TEACHER}, ${STUDENT})`,
    )
  })

  it('the student does not take the place of a teacher that cannot be read', async () => {
    const odd = { shape: [64], values: new Uint8Array(8 * 64), storage: 'ComplexFloatStorage' }
    const tensors = await tensorsOf(ENCODER)
    const path = folder.write(
      'odd/dino.pth',
      torchFile({ ...behind('student.', tensors), ...behind('teacher.', { ...tensors, 'norm.bias': odd }) }),
    )
    await expect(tokensOf([path])).rejects.toThrow('teacher.norm.bias')
    expect((await tokensOf([path], { encoder: `${path}#student.` })).file.prefix).toBe('student.')
  })
})

describe('a fairseq file with an average', () => {
  const quantised = () => readdirSync(cacheFolder()).filter((name) => /^int8-.*\.safetensors$/.test(name))
  it.each([
    ['extra_state', 'model.', 'extra_state.ema.'],
    ['beside', 'ema.', 'model.'],
  ])('%s: %s is taken', async (where, first, second) => {
    const { model, config } = await fairseqOf(
      join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt'),
    )
    const ema = renamed(other(model), (name) => (name.startsWith('decoder.') ? name : undefined))
    const path = folder.write(
      `${where}.pt`,
      torchFile({
        cfg: { model: config },
        model,
        ...(where === 'beside' ? { ema } : { extra_state: { ema } }),
      }),
    )
    const models = await openModels([path])
    const opened = await models.open('stage1')
    const { file, tensors, config: sizes } = opened
    await quantisedLinear(opened, 8, 'signed')
    expect([file.prefix, sizes.layers]).toEqual([first, 3])
    expect(tensors.get('decoder.layers.0.fc1.weight').name).toBe(`${first}decoder.layers.0.fc1.weight`)
    await models.close()
    const chosen = await openModels([path], { stage1: `${path}#${second}` })
    const written = quantised().length
    const average = await chosen.open('stage1')
    await quantisedLinear(average, 8, 'signed')
    await chosen.close()
    expect(average.file.sha256).toBe(`${fileHash(file.sha256)}#${second}`)
    expect(quantised()).toHaveLength(written + 1)
  })
})

describe('a VQGAN with its average', () => {
  const decode = (out: string, choose?: ModelChoice): DecodeSpec => ({
    kind: 'decode',
    model: averaged,
    ...(choose ? { choose } : {}),
    out: join(folder.path, out),
    codecs: folder.write('codes.codecs', `${Array.from({ length: 256 }, (_, i) => i % 48).join(' ')}\n`),
    tokens: 'codes',
    device: 'cpu',
    batchSize: 1,
    weightBits: 32,
    stage2: 'ar',
    stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
    masked: { steps: 1, choiceTemperature: 4.5 },
    seed: 0,
  })
  const run = (spec: DecodeSpec) =>
    runDecode(spec, { signal: new AbortController().signal, progress: () => {} })
  const recordOf = (out: string) =>
    JSON.parse(readFileSync(join(folder.path, out, 'run.json'), 'utf8')) as {
      recipe: { vqgan: string }
      models: { sha256: string }[]
    }

  it('the record says which was used, and the same folder refuses the other', async () => {
    await run(decode('average'))
    await run(decode('trained', { vqgan: `${averaged}#model.` }))
    const [average, trained] = [recordOf('average'), recordOf('trained')]
    expect(average.recipe.vqgan).toMatch(/^[0-9a-f]{64}#ema\.$/)
    expect(trained.recipe.vqgan).toMatch(/^[0-9a-f]{64}#model\.$/)
    expect(average.models[0]!.sha256).toBe(average.recipe.vqgan)
    const pixels = (out: string) => readFileSync(join(folder.path, out, 'images/000000.png'))
    expect(pixels('average').equals(pixels('trained'))).toBe(false)
    await expect(run(decode('average', { vqgan: `${averaged}#model.` }))).rejects.toThrow(
      'contains a run with other settings (vqgan is',
    )
  })

  it('cluster labels of the two have files of their own', async () => {
    const models = await openModels([averaged])
    const places = await Promise.all(
      models.modelSet.files.map((file) => labelPlace(file, join(folder.path, 'workspace'))),
    )
    await models.close()
    expect(new Set(places.map(({ path }) => path)).size).toBe(2)
    expect(places.map(({ why }) => why)).toEqual([undefined, undefined])
  })
})

it('the Models page offers both, and the choice is there the next time', async () => {
  const workspace = join(folder.path, 'page')
  const start = async () => {
    const engine = createEngine({ workspace, models: [training] })
    await vi.waitFor(async () => expect((await engine.api.snapshot()).modelSet).toBeDefined(), 60_000)
    return engine
  }
  const { api } = await start()
  const { opened, modelSet } = await api.snapshot()
  const ids = opened.candidates.encoder!
  expect(ids).toEqual([TEACHER, STUDENT].map((prefix) => expect.stringMatching(`^[0-9a-f]{12}:${prefix}$`)))
  expect(modelSet!.set.encoder).toBe(ids[0])
  await api.chooseModel('encoder', ids[1]!)
  const next = await (await start()).api.snapshot()
  expect(next.modelSet!.set.encoder).toBe(ids[1])
  expect(next.opened.choice).toEqual({ encoder: ids[1] })
})
