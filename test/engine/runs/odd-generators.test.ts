// Files of generators that cannot be used as they are: each is said by name and with its reason, before anything starts.
import { access, cp, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { checkMemory } from '../../../src/engine/devices/memory.ts'
import { chooseGenerator } from '../../../src/engine/model-set/generators/choose.ts'
import { importModels } from '../../../src/engine/model-set/open-models.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { renamed, tensor, tensorsOf, torchFile, type Tree } from '../../torch-file.ts'

const FIXTURES = resolve('test/fixtures/generators')
const folder = temporaryFolder().path

/** A folder of these files. */
async function models(name: string, files: Readonly<Record<string, Tree>>): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  for (const [file, tree] of Object.entries(files)) await writeFile(join(path, file), torchFile(tree))
  return path
}
const plain = async (path: string, prefix: string) =>
  renamed(await tensorsOf(join(FIXTURES, path)), (full) =>
    full.startsWith(prefix) ? full.slice(prefix.length) : undefined,
  )

test('a Lightning checkpoint without its state_dict', async () => {
  const path = await models('lightning', {
    'last.ckpt': {
      'pytorch-lightning_version': '1.0.8',
      epoch: 3,
      optimizer_states: [{ m: tensor([2, 2]) }],
    },
  })
  const [file] = (await importModels([path])).files
  expect(file!.problem).toBe(
    'a checkpoint of PyTorch Lightning without its state_dict: the weights are not in this file',
  )
})

test('weights and their moving average in one file are two generators, and one must be named', async () => {
  const gpt = await plain('llamagen/c2i_B_256.pt', 'model.')
  const path = await models('averaged', { 'gpt.pt': { model: gpt, ema: gpt } })
  await cp(join(FIXTURES, 'llamagen/vq_ds16_c2i.pt'), join(path, 'vq.pt'))
  const set = await importModels([path])
  expect(set.generators.map(({ generator }) => set.files.find(({ id }) => id === generator)!.prefix)).toEqual(
    ['ema.', 'model.'],
  )
  const choice = { family: 'llamagen', file: `${join(path, 'gpt.pt')}#model` } as const
  expect(chooseGenerator(set, choice).generator.prefix).toBe('model.')
  expect(() => chooseGenerator(set, { family: 'llamagen' })).toThrow('several among the models; choose one')
})

test('a tokenizer of another size of codebook', async () => {
  const vq = await plain('rar/maskgit-vqgan-imagenet-f16-256.bin', '')
  const width = vq['quantize.embedding.weight']!.shape[1]!
  const path = await models('codebook', {
    'vq.bin': { ...vq, 'quantize.embedding.weight': tensor([32, width], 1) },
  })
  await cp(join(FIXTURES, 'rar/rar_b.bin'), join(path, 'rar_b.bin'))
  const { generators } = await importModels([path])
  expect(generators[0]!.lacks).toBe('RAR needs a MaskGIT VQGAN of 64 codes (found one of 32 codes)')
})

test('a fine-tuned variant says its own number of classes', async () => {
  const rar = await plain('rar/rar_b.bin', '')
  const width = rar['embeddings.weight']!.shape[1]!
  const path = await models('fine-tuned', {
    'rar.bin': { ...rar, 'embeddings.weight': tensor([64 + 20 + 2, width], 0.1) },
  })
  const [file] = (await importModels([path])).files
  expect(file!.problem).toBeUndefined()
  expect(file!.summary).toContain('20 classes')
})

test('a MAGE that was fine-tuned for classification', async () => {
  const mage = await plain('mage/mage-vitb-1600.pth', 'model.')
  const kept = renamed(mage, (name) => (/^(decoder|mlm_layer|vqgan)/.test(name) ? undefined : name))
  const path = await models('classifier', {
    'mage-ft.pth': { model: { ...kept, 'head.bias': tensor([1000]) } },
  })
  const { files, generators } = await importModels([path])
  expect(generators).toEqual([])
  expect(files[0]!.problem).toContain('belongs to MAGE without its decoder, as fine-tuned for classification')
})

test('a model of 384 px on a grid of 256', async () => {
  const gpt = await plain('llamagen/c2i_B_256.pt', 'model.')
  const path = await models('large', { 'c2i_B_384.pt': { model: gpt, args: { image_size: 384 } } })
  await cp(join(FIXTURES, 'llamagen/vq_ds16_c2i.pt'), join(path, 'vq.pt'))
  const set = await importModels([path])
  expect(chooseGenerator(set, { family: 'llamagen' }).hints.side).toBe(24)
  expect(() => chooseGenerator(set, { family: 'llamagen', side: 16 })).toThrow(
    'cells along a side other than in its training (found 16, expected 24)',
  )
})

test('a VAR of 512 px', async () => {
  const small = await plain('var/var_d16.pth', '')
  const width = small['class_emb.weight']!.shape[1]!
  const path = await models('var-512', { 'var_d36.pth': { ...small, pos_1LC: tensor([1, 2240, width]) } })
  const [file] = (await importModels([path])).files
  expect(file!.problem).toContain('codes of other scales than those of 256 px (found 2240, expected 680)')
})

test('a model that is larger than the memory', () => {
  expect(() => checkMemory('c2i_3B_384.pt', 12.4e9, 8e9)).toThrow(
    'c2i_3B_384.pt: too large for the memory of this machine (found 12.4 GB of weights in float32, and 8.0 GB of memory)',
  )
  checkMemory('c2i_3B_384.pt', 12.4e9, 16e9)
})

test('a run with such a model is refused before it has a folder', async () => {
  const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(1000)
  const out = join(folder, 'too-large')
  const spec: SampleSpec = {
    kind: 'sample',
    model: join(FIXTURES, 'llamagen'),
    out,
    device: 'cpu',
    batchSize: 1,
    weightBits: 32,
    seed: 0,
    count: 1,
    classes: [1],
    stage1Sampling: { temperature: 1, topK: 0, topP: 0 },
    stage2: 'ar',
    stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
    masked: { steps: 8, choiceTemperature: 4.5 },
    generator: { family: 'llamagen', settings: {} },
    shards: 1,
    shard: 0,
  }
  const run = runSample(spec, { progress: () => {}, signal: new AbortController().signal })
  await expect(run).rejects.toThrow('c2i_B_256.pt: too large for the memory of this machine')
  await expect(access(out)).rejects.toThrow('ENOENT')
  memory.mockRestore()
})
