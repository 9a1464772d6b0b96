// Models behind links: onnxruntime is given the real files, and people see the names they gave.
import { renameSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../../src/engine/api/index.ts'
import { decodeImage, preprocess, type RgbImage } from '../../../../src/engine/images/index.ts'
import { importModels, openModels } from '../../../../src/engine/model-set/open-models.ts'
import { openTokenizer, openVqTokenizer } from '../../../../src/engine/tokenizer/tokenizer.ts'
import { MODEL_ROLES, type ModelRole } from '../../../../src/shared/models/models.ts'
import type { RunSpec, SampleSpec } from '../../../../src/shared/run/run.ts'
import { demoPicture, writeDemoPictures } from '../../../demo.ts'
import { LAYOUTS } from '../../../linked-models.ts'
import { QUICK } from '../../../quick-request.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'
import { OFFICIAL } from '../../models/run-graph.ts'

const temporary = temporaryFolder()
const DEMO = demoFolder()
const lay = (words: string, from: string) =>
  LAYOUTS[words]!(join(temporary.path, words, from.slice(-4)), from)

/** Role -> file, from the folder down that was named. */
async function namesOf(folder: string): Promise<[string, string][]> {
  const { files, set } = await importModels([folder])
  return MODEL_ROLES.flatMap((role) => {
    const file = files.find(({ id }) => id === set[role])
    return file ? [[role, relative(folder, file.path)]] : []
  })
}

/** Tokens and codes of a picture. */
async function tokensOf(folder: string, image: RgbImage) {
  const models = await openModels([folder])
  const [encoder, codebook] = [await models.open('encoder'), await models.open('codebook')]
  const codes = await openVqTokenizer(await models.open('vqgan'), 'cpu')
  const tokenizer = await openTokenizer(encoder, codebook, codes.size, 'cpu')
  const picture = preprocess(image, codes.size)
  try {
    return [await tokenizer.tokens([picture]), await codes.tokens([picture])]
  } finally {
    for (const opened of [tokenizer, codes, models]) await opened.close()
  }
}

describe('the demo behind links', () => {
  let picture: RgbImage
  let plain: unknown
  beforeAll(async () => {
    picture = await decodeImage(demoPicture(0))
    plain = await tokensOf(DEMO, picture)
  })

  it.each(Object.keys(LAYOUTS))(
    '%s: models keep the names of the links and give the same tokens',
    async (words) => {
      const named = lay(words, DEMO)
      const names = (await namesOf(named)).map(([role, path]) => [
        role,
        path.replace(/^snapshots.[^/]+./, ''),
      ])
      expect(names).toEqual(await namesOf(DEMO))
      expect(await tokensOf(named, picture)).toEqual(plain)
    },
  )
})

it('a choice by the path of another link finds the model', async () => {
  const links = ['first.pt', 'second.pt'].map((name) => join(temporary.path, name))
  for (const link of links)
    symlinkSync(join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt'), link)
  const { files, set } = await importModels([links[0]!, OFFICIAL], { stage1: links[1]! })
  expect(files.find(({ id }) => id === set.stage1)!.path).toBe(links[0])
})

it('a link without a file extension does not hide another link to the same model', async () => {
  const folder = temporary.write('two-names/best', '')
  const path = join(folder, '..')
  renameSync(folder, join(path, 'unused'))
  for (const name of ['a-best', 'checkpoint_best.pt'])
    symlinkSync(join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt'), join(path, name))
  expect(await namesOf(path)).toContainEqual(['stage1', 'checkpoint_best.pt'])
})

describe('everything that runs models, with models in the hub cache', () => {
  const pictures = join(temporary.path, 'pictures')
  const out = (name: string) => join(temporary.path, 'out', name)
  let model: string
  let engine: Engine
  beforeAll(() => {
    writeDemoPictures(pictures, 1)
    model = lay('a snapshot of the hub cache', OFFICIAL)
    engine = createEngine({ workspace: join(temporary.path, 'workspace') })
  })

  const run = async (spec: RunSpec) => {
    const id = await engine.api.startRun(spec)
    return vi.waitFor(async () => {
      const { status } = (await engine.api.listRuns()).find((run) => run.id === id)!
      if (status.state === 'failed') return status.error.message
      expect(status.state).toBe('done')
      return 'done'
    }, 120_000)
  }
  const common = { device: 'cpu', batchSize: 4 } as const
  const sample = (name: string, more: Partial<SampleSpec> = {}): SampleSpec => ({
    ...QUICK,
    ...more,
    kind: 'sample',
    model,
    out: out(name),
    count: 2,
    shards: 1,
    shard: 0,
  })
  const comparison = () => ({ model, device: 'cpu', protocol: 'dinov2', images: pictures }) as const

  const RECIPES: readonly (readonly [string, () => RunSpec])[] = [
    ['sample, 8 bits', () => sample('sample', { weightBits: 8 })],
    ['sample by class', () => sample('classes', { classes: [1], stage2: 'ar' })],
    [
      'reconstruct',
      () => ({
        ...sample('pictures'),
        device: 'cpu',
        kind: 'reconstruct',
        images: [demoPicture(0)],
      }),
    ],
    [
      'tokenize',
      () => ({ ...common, kind: 'tokenize', model, out: out('tokens'), weightBits: 32, images: [pictures] }),
    ],
    [
      'decode',
      () => ({
        ...sample('decode'),
        device: 'cpu',
        kind: 'decode',
        codecs: join(out('sample'), 'codes.codecs'),
        tokens: 'codes',
      }),
    ],
    [
      'kmeans',
      () => ({
        ...common,
        kind: 'kmeans',
        model,
        out: out('kmeans'),
        images: [pictures],
        k: 4,
        iterations: 2,
        restarts: 1,
        maxPointsPerCentroid: 64,
        seed: 0,
        pictures: 1,
        patches: 0.1,
        augment: false,
      }),
    ],
    [
      'atlas',
      () => ({
        kind: 'atlas',
        model,
        device: 'cpu',
        dataset: out('tokens'),
        out: out('atlas'),
        tokens: 'discriminative',
        umap: false,
        seed: 0,
      }),
    ],
    ['reference', () => ({ ...comparison(), kind: 'reference', out: out('reference.npz'), keep: 4 })],
    [
      'evaluate',
      () => ({
        ...comparison(),
        kind: 'evaluate',
        reference: pictures,
        out: out('evaluate'),
        confidence: false,
        perClass: false,
      }),
    ],
    [
      'probe',
      () => ({
        kind: 'probe',
        model,
        device: 'cpu',
        out: out('probe'),
        images: pictures,
        validation: pictures,
        epochs: 1,
        batch: 4,
        learningRate: 0.1,
        seed: 0,
      }),
    ],
    [
      'sweep',
      () => ({
        kind: 'sweep',
        out: out('sweep'),
        base: sample('base'),
        axes: [
          { name: 'checkpoint', values: [join(model, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')] },
        ],
      }),
    ],
  ]
  it.each(RECIPES)('%s', async (_, spec) => {
    expect(await run(spec())).toBe('done')
  })

  it('the page opens, chooses and inspects models, samples, and reads the logits of a cell', async () => {
    const page = createEngine({ workspace: join(temporary.path, 'page'), models: [model] })
    const { api } = page
    await vi.waitFor(async () => expect((await api.snapshot()).modelSet).toBeDefined(), 60_000)
    const { files, set: roles } = (await api.snapshot()).modelSet!
    expect(files.every(({ path }) => !path.includes('blobs'))).toBe(true)
    for (const role of ['stage1', 'encoder', 'vqgan'] as ModelRole[]) {
      await api.chooseModel(role, roles[role]!)
      expect((await api.readContents(roles[role]!)).tensors.length).toBeGreaterThan(10)
    }
    const id = await api.startSample({ ...QUICK, count: 1 })
    await vi.waitFor(async () => {
      const found = (await api.snapshot()).runs.find((run) => run.id === id)
      expect(found?.status.state).toBe('done')
    }, 120_000)
    expect(Object.keys(await api.readLogits(id, 0, 'discriminative', 3))).not.toEqual([])
  })
})
