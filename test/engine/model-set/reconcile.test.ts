// What a file has and what its network needs are reconciled when it is opened: nothing is missing or left over without a
// word, and whatever would change the result is refused.
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { importModels, openModels } from '../../../src/engine/model-set/open-models.ts'
import { openTokenizer } from '../../../src/engine/tokenizer/tokenizer.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import {
  fairseqOf,
  renamed,
  tensor,
  tensorsOf,
  torchFile,
  type MadeTensor,
  type Tree,
} from '../../torch-file.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const folder = temporaryFolder()
const CODEBOOK = join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
type Named = Record<string, MadeTensor>

let encoder: Named
let vqgan: Named
let stage1: Awaited<ReturnType<typeof fairseqOf>>
beforeAll(async () => {
  encoder = await tensorsOf(join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth'))
  vqgan = renamed(await tensorsOf(join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt')), (name) =>
    name.replace(/^state_dict\./, ''),
  )
  stage1 = await fairseqOf(join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt'))
  // Without the models that it carries.
  stage1.model = renamed(stage1.model, (name) => (name.startsWith('decoder.') ? name : undefined))
})

let turn = 0
const found = async (tree: Tree, name = 'model.pt') => {
  const { files, set, notes } = await importModels([folder.write(`${++turn}/${name}`, torchFile(tree))])
  return {
    problem: files[0]!.problem,
    set,
    notes: notes.filter((note) => note.includes('tensors')),
  }
}
const stage1With = (config: Record<string, Tree>, tensors: Named = {}) => ({
  cfg: { model: { ...stage1.config, ...config } },
  model: { ...stage1.model, ...tensors },
})
const without = (tensors: Named, missing: string) =>
  renamed(tensors, (name) => (name === missing ? undefined : name))
const timm = ({ pos_embed: table, ...tensors }: Named): Named => ({
  ...renamed(tensors, (name) => (name === 'register_tokens' ? 'reg_token' : name)),
  pos_embed: tensor([1, table!.shape[1]! - 1, table!.shape[2]!]),
})

describe('a file is not used, with the reason,', () => {
  it.each<[string, () => Tree, RegExp]>([
    [
      'where the configuration of stage 1 has fewer layers than the file',
      () => stage1With({ decoder_layers: 2 }),
      /^unexpected tensors model\.decoder\.layers\.2\.\S+, .*, 13 more: fairseq refuses/,
    ],
    [
      'where stage 1 has more layers than the file',
      () => stage1With({ decoder_layers: 4 }),
      /^tensor model\.decoder\.layers\.3\.self_attn\.q_proj\.weight of shape \[64, 64\] is missing$/,
    ],
    [
      'where stage 1 has a norm that its configuration does not have',
      () =>
        stage1With(
          {},
          { 'decoder.layer_norm.weight': tensor([64]), 'decoder.layer_norm.bias': tensor([64]) },
        ),
      /^unexpected tensors model\.decoder\.layer_norm\.weight, model\.decoder\.layer_norm\.bias: fairseq/,
    ],
    [
      'where a VQGAN has a convolution before its codebook',
      () => ({
        state_dict: {
          ...vqgan,
          'quant_conv.weight': tensor([32, 32, 1, 1]),
          'quant_conv.bias': tensor([32]),
        },
      }),
      /^unexpected tensors state_dict\.quant_conv\.weight, state_dict\.quant_conv\.bias: the published VQGAN/,
    ],
    [
      "where a VQGAN's convolutions have biases",
      () => ({ state_dict: { ...vqgan, 'decoder.up.0.block.0.conv1.bias': tensor([32]) } }),
      /^unexpected tensors state_dict\.decoder\.up\.0\.block\.0\.conv1\.bias: /,
    ],
    [
      'where a VQGAN lacks a tensor of its decoder',
      () => ({ state_dict: without(vqgan, 'decoder.norm_out.bias') }),
      /^tensor state_dict\.decoder\.norm_out\.bias of shape \[32\] is missing$/,
    ],
    [
      'where an encoder has more in a block',
      () => ({ ...encoder, 'blocks.1.attn.q_norm.weight': tensor([64]) }),
      /^unexpected tensors blocks\.1\.attn\.q_norm\.weight: a vision transformer with these is not DINOv2$/,
    ],
    [
      'where an encoder lacks a tensor of its last block',
      () => without(encoder, 'blocks.3.ls2.gamma'),
      /^tensor blocks\.3\.ls2\.gamma of shape \[64\] is missing$/,
    ],
    [
      'where an encoder has the names of timm',
      () => timm(encoder),
      /^reg_token belongs to timm's version of DINOv2/,
    ],
  ])('%s', async (_, tree, problem) => {
    const { problem: said, set } = await found(tree())
    expect(said).toMatch(problem)
    expect(set).toEqual({})
  })

  it('where it is one piece of a model', async () => {
    const { problem } = await found(without(encoder, 'norm.bias'), 'encoder-00001-of-00003.bin')
    expect(problem).toBe(
      'tensor norm.bias of shape [64] is missing (one piece of a model in several files; pieces are not joined)',
    )
  })

  it('and an opened model says so', async () => {
    const path = folder.write('two-layers.pt', torchFile(stage1With({ decoder_layers: 2 })))
    const models = await openModels([path])
    await expect(models.open('stage1')).rejects.toThrow(
      `no stage 1 in ${path}: ${path} cannot be used: unexpected tensors`,
    )
    await models.close()
  })
})

it('a copy in another file does not take the place of a separate file that cannot be used', async () => {
  const whole = join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')
  const path = folder.write('timm.pth', torchFile(timm(encoder)))
  const models = await openModels([path, whole])
  await expect(models.open('encoder')).rejects.toThrow(`${path} cannot be used: reg_token`)
  await models.close()
  const { set, files } = await importModels([path, whole], { encoder: whole })
  expect(files.find(({ id }) => id === set.encoder)?.path).toBe(whole)
  const other = join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth')
  // Files are named from the folder that all of them share.
  expect((await importModels([path, other])).notes).toContainEqual(
    expect.stringMatching(/^encoder: \S*dinov2_tiny14_reg4_pretrain\.pth \(cannot be used: \S*timm\.pth\)$/),
  )
})

describe('tensors that the original ignores', () => {
  it.each<[string, () => Tree]>([
    [
      'of a training of the VQGAN',
      () => ({ state_dict: { ...vqgan, 'loss.discriminator.main.0.bias': tensor([4]) } }),
    ],
    ["of an encoder's training", () => ({ ...encoder, 'head.weight': tensor([4, 64]) })],
    ["of fairseq's format", () => stage1With({}, { 'decoder.version': tensor([1]) })],
    [
      'of a VQGAN without an encoder',
      () => renamed(vqgan, (name) => (name.startsWith('encoder.') ? undefined : name)),
    ],
  ])('%s are ignored', async (_, tree) => {
    const { problem, set, notes } = await found(tree())
    expect([problem, Object.keys(set).length, notes]).toEqual([undefined, 1, []])
  })

  it('and any others outside the network are named', async () => {
    const { problem, notes } = await found({ ...encoder, 'classifier.weight': tensor([2, 64]) })
    expect(problem).toBeUndefined()
    expect(notes).toEqual(['model.pt: tensors that are not used: classifier.weight'])
  })
})

it('an encoder in chunks of blocks has the tokens of the plain one', async () => {
  const chunked = renamed(encoder, (name) =>
    name.replace(
      /^blocks\.(\d+)\./,
      (_, number: string) => `blocks.${Math.floor(Number(number) / 2)}.${number}.`,
    ),
  )
  const tokens = async (tensors: Named) => {
    const models = await openModels([folder.write(`${++turn}/encoder.pth`, torchFile(tensors)), CODEBOOK])
    const opened = await models.open('encoder')
    const tokenizer = await openTokenizer(opened, await models.open('codebook'), 224, 'cpu')
    const rgb = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 31 + (i >> 9) * 17) % 256)
    const [found] = await tokenizer.tokens([{ rgb, width: 224, height: 224 }])
    await tokenizer.close()
    await models.close()
    return [[...found!.tokens], opened.file.facts.depth]
  }
  expect(await tokens(chunked)).toEqual(await tokens(encoder))
})
