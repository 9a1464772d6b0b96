import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModels, openModels } from '../../../src/engine/model-set/open-models.ts'
import { ModelError, RequestError } from '../../../src/shared/errors.ts'
import { MODEL_ROLES, type ModelSet } from '../../../src/shared/models/models.ts'
import { DEMO_CLASSES } from '../../demo.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const TINY = resolve('test/fixtures/official-tiny')
const DEMO = resolve('resources/demo')
const KMEANS = join(TINY, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
const checkpoint = (root: string, name: string) =>
  join(root, 'outputs', name, 'checkpoints/checkpoint_last.pt')

/** Role -> path, and the prefix where the model is a part of a file that is more. */
function chosen({ files, set }: ModelSet, root: string): Record<string, string> {
  const pairs = MODEL_ROLES.flatMap((role) => {
    const file = files.find(({ id }) => id === set[role])
    if (!file) return []
    return [[role, relative(root, file.path) + (file.facts.carried ? `:${file.prefix}` : '')]]
  })
  return Object.fromEntries(pairs)
}

describe('folders in the official layout', () => {
  it('are matched completely for the fixtures', async () => {
    const modelSet = await importModels([TINY])
    expect(chosen(modelSet, TINY)).toEqual({
      encoder: 'models/dinov2_tiny14_reg4_pretrain.pth',
      codebook: 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy',
      stage1: 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt',
      stage1Class: 'outputs/tiny_stage1_cls/checkpoints/checkpoint_last.pt',
      stage2Ar: 'outputs/tiny_stage2/checkpoints/checkpoint_last.pt',
      stage2Nar: 'outputs/tiny_stage2_nar/checkpoints/checkpoint_last.pt',
      vqAr: 'outputs/tiny_vq/checkpoints/checkpoint_last.pt',
      vqgan: 'models/vqgan_jax_strongaug.ckpt',
      vqganConfig: 'config/vqgan/vqgan.yaml',
    })
    expect(modelSet.notes).toEqual([
      'stage 1: outputs/tiny_stage1/checkpoints/checkpoint_last.pt (selected over ' +
        'variants/stage1_args_namespace_decoder_only.pt, variants/stage1_cfg_omegaconf_decoder_only.pt)',
      'encoder: models/dinov2_tiny14_reg4_pretrain.pth (selected over variants/dinov2_tiny_legacy_format.pth)',
      "class names: ImageNet's, assumed for 1000 classes without a classes.json",
    ])
    expect(modelSet.assumed).toEqual([])
    expect(modelSet.classNames[207]).toBe('golden retriever')
    const file = modelSet.files.find(({ path }) => path === KMEANS)!
    expect(file.sha256).toBe(createHash('sha256').update(readFileSync(KMEANS)).digest('hex'))
    expect(file.summary).toBe('codebook, 64 centroids of 64 dimensions, fp32')
  })

  it('are matched for the demo without notes', async () => {
    const modelSet = await importModels([DEMO])
    expect(Object.keys(modelSet.set).sort()).toEqual(MODEL_ROLES.filter((role) => role !== 'vqAr').sort())
    expect(modelSet.notes).toEqual([])
    expect(modelSet.classNames).toEqual(DEMO_CLASSES)
  })

  it('have files with unique ids', async () => {
    const { files } = await importModels([TINY, DEMO])
    expect(new Set(files.map(({ id }) => id)).size).toBe(files.length)
  })
})

describe('opening a set', () => {
  it('opens each model with its own tensor names', async () => {
    const models = await openModels([TINY])
    const stage2 = await models.open('stage2Ar')
    expect(stage2.config).toMatchObject({ kind: 'stage2-ar', vocabulary: 48, sourceVocabulary: 64 })
    expect((await models.open('stage1Class')).config.classes).toBe(1000)
    const encoder = await models.open('encoder')
    expect(encoder.tensors.has('blocks.0.norm1.weight')).toBe(true)
    expect(encoder.layerFromEnd).toBe(3)
    const codebook = await models.open('codebook')
    expect([codebook.codes, codebook.width, codebook.transposed]).toEqual([64, 64, false])
    const vqgan = await models.open('vqgan')
    expect(vqgan.tensors.has('quantize.embedding.weight')).toBe(true)
    expect(vqgan.yaml).toContain('ddconfig')
    await models.close()
  })

  it('reads configurations of Namespace and omegaconf', async () => {
    for (const name of ['args_namespace', 'cfg_omegaconf']) {
      const models = await openModels([join(TINY, `variants/stage1_${name}_decoder_only.pt`)])
      expect((await models.open('stage1')).config).toMatchObject({ dim: 64, layers: 3, heads: 4 })
      await models.close()
    }
  })

  it('uses models inside a checkpoint if there is no separate file', async () => {
    const stage2 = checkpoint(TINY, 'tiny_stage2')
    const models = await openModels([stage2])
    const name = relative(TINY, stage2)
    expect(chosen(models.modelSet, TINY)).toEqual({
      encoder: `${name}:model.pretrained_encoder.`,
      codebook: `${name}:model.centroids`,
      stage2Ar: name,
      vqgan: `${name}:model.vqgan.`,
    })
    expect(models.modelSet.notes.filter((note) => note.includes('there is no separate file'))).toHaveLength(3)
    const codebook = await models.open('codebook')
    expect([codebook.codes, codebook.width, codebook.transposed]).toEqual([64, 64, true])
    expect((await models.open('encoder')).tensors.has('cls_token')).toBe(true)
    expect((await models.open('vqgan')).yaml).toBeUndefined()
    await models.close()
  })
})

describe('a file that changes after its sha256 was computed', () => {
  const folder = temporaryFolder()
  const path = folder.copy('km.npy', KMEANS)
  const touch = () => utimesSync(path, 1e9, 1e9)

  it('is refused when it is opened, and while it is open', async () => {
    touch()
    const [before, during] = [await openModels([path]), await openModels([path])]
    const { confirm } = await during.open('codebook')
    await confirm()
    chmodSync(path, 0o600)
    await confirm()
    const bytes = readFileSync(path)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(path, bytes)
    touch()
    const message = `${path}: changed since its sha256 was computed`
    await expect(confirm()).rejects.toThrow(message)
    await expect(before.open('codebook')).rejects.toThrow(message)
    await Promise.all([before.close(), during.close()])
  })
})

describe('models that do not fit or are missing', () => {
  it('a stage 2 of another codebook is reported with both numbers', async () => {
    const folder = temporaryFolder()
    folder.copy('km.npy', KMEANS)
    folder.copy('stage1.pt', checkpoint(TINY, 'tiny_stage1'))
    folder.copy('stage2.pt', checkpoint(DEMO, 'demo_stage2'))
    const models = await openModels([folder.path])
    const { facts } = (await importModels([join(folder.path, 'stage2.pt')])).files[0]!
    const misfit = `stage2.pt does not fit: this stage 2 AR has ${facts.sourceVocabulary} discriminative tokens, the stage 1 stage1.pt has 64`
    expect(models.modelSet.set.stage2Ar).toBeUndefined()
    expect(models.modelSet.notes).toContain(misfit)
    await expect(models.open('stage2Ar')).rejects.toThrow(ModelError)
    await expect(models.open('stage2Ar')).rejects.toThrow(misfit)
    await expect(
      importModels([folder.path], {
        stage2Ar: join(folder.path, 'stage2.pt'),
        stage1: join(folder.path, 'stage1.pt'),
      }),
    ).rejects.toThrow(RequestError)
  })

  it('missing models are reported with the consequence', async () => {
    const models = await openModels([join(TINY, 'variants/stage1_args_namespace_decoder_only.pt')])
    expect(models.modelSet.notes).toEqual([
      'no stage 2: needed by sample, sample --class, decode, reconstruct',
      'no VQGAN: needed by sample, sample --class, decode, decode --tokens codes, reconstruct, reconstruct --vqgan-only, atlas --tokens codes',
      'no class-conditional stage 1: needed by sample --class',
      'no encoder (DINOv2): needed by reconstruct, tokenize, kmeans, linear-probe, likelihood, evaluate --protocol dinov2',
      'no codebook (K-Means centroids): needed by reconstruct, tokenize, atlas, linear-probe, likelihood',
    ])
    await expect(models.open('vqgan')).rejects.toThrow(/^no VQGAN in .*decoder_only\.pt$/)
  })

  it('an empty folder gives a note', async () => {
    const { files, notes } = await importModels([temporaryFolder().path])
    expect(files).toEqual([])
    expect(notes).toEqual(['no DiGIT models found'])
  })

  it('a missing path is refused', async () => {
    await expect(importModels(['/not/there'])).rejects.toThrow('/not/there: no such file or folder')
  })
})

describe('broken files', () => {
  const folder = temporaryFolder()
  const whole = readFileSync(checkpoint(TINY, 'tiny_stage1'))
  folder.copy('models/vqgan.ckpt', join(TINY, 'models/vqgan_jax_strongaug.ckpt'))
  folder.write('cut.pt', whole.subarray(0, whole.length / 2))
  folder.write('empty.pt', '')
  folder.write('text.ckpt', 'not a checkpoint\n')
  folder.write('vqgan.yaml', 'model:\n  params:\n    ddconfig: {ch: 32}\n')
  folder.write('other.yaml', 'a: [')
  folder.write('classes.json', '["a", ')
  folder.write('vector.npy', npy('<f4', [8], 32))
  folder.write('ints.npy', npy('<i8', [4, 4], 128))
  folder.write('picture.png', 'not looked at')

  it('are listed separately, each with its reason', async () => {
    const { files, set } = await importModels([folder.path])
    const problems = files.flatMap(({ path, problem }) =>
      problem ? [[relative(folder.path, path), problem]] : [],
    )
    expect(Object.fromEntries(problems)).toEqual({
      'cut.pt': expect.stringMatching(/zip|end of central|not/i),
      'empty.pt': 'file is empty',
      'text.ckpt': expect.stringContaining('not a PyTorch, safetensors or NumPy file'),
      'vqgan.yaml': expect.stringContaining('z_channels'),
      'classes.json': expect.stringMatching(/JSON/),
      'vector.npy': 'not a codebook: f32 [8] (expected a 2-D float array)',
      'ints.npy': 'not a codebook: i64 [4, 4] (expected a 2-D float array)',
    })
    expect(Object.keys(set)).toEqual(['vqgan'])
  })

  it('are reported if there is no other file for a role', async () => {
    const models = await openModels([join(folder.path, 'cut.pt')])
    await expect(models.open('stage1')).rejects.toThrow(ModelError)
  })
})

describe('if several files fit', () => {
  const folder = temporaryFolder()
  folder.copy('outputs/a/checkpoint_last.pt', checkpoint(TINY, 'tiny_stage1'))
  folder.write('data/aaa/km_other.npy', npy('<f4', [64, 64], 64 * 64 * 4))
  folder.copy('data/ILSVRC2012/dinov2_base_short_224_l3/km_tiny.npy', KMEANS)

  it('the path most similar to the one in the checkpoints is selected: dataset/.../dino_short_224_l3/km_tiny.npy', async () => {
    const modelSet = await importModels([folder.path])
    expect(chosen(modelSet, folder.path).codebook).toBe(
      'data/ILSVRC2012/dinov2_base_short_224_l3/km_tiny.npy',
    )
    expect(modelSet.notes).toContain(
      'codebook: data/ILSVRC2012/dinov2_base_short_224_l3/km_tiny.npy (selected over data/aaa/km_other.npy)',
    )
  })

  it('another one can be selected', async () => {
    const codebook = join(folder.path, 'data/aaa/km_other.npy')
    const modelSet = await importModels([folder.path], { codebook })
    expect(chosen(modelSet, folder.path).codebook).toBe('data/aaa/km_other.npy')
    await expect(importModels([folder.path], { vqgan: codebook })).rejects.toThrow(
      `${codebook}: cannot be used as VQGAN: it is codebook, 64 centroids of 64 dimensions, fp32`,
    )
  })

  it('a selected file can be in another folder', async () => {
    const vqgan = join(TINY, 'models/vqgan_jax_strongaug.ckpt')
    const modelSet = await importModels([folder.path], { vqgan })
    expect(modelSet.files.find(({ id }) => id === modelSet.set.vqgan)?.path).toBe(vqgan)
  })
})

function npy(descr: string, shape: readonly number[], bytes: number): Uint8Array {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const header = dictionary.padEnd(117) + '\n'
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${header}`, 'latin1')
  return Buffer.concat([head, Buffer.alloc(bytes)])
}
