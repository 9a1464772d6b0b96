// Parts of a file that nobody needs refuse nothing; a part that is needed is named, with the reason.
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { openModels } from '../../../src/engine/model-set/open-models.ts'
import { openTokenizer } from '../../../src/engine/tokenizer/tokenizer.ts'
import { fairseqOf, tensorsOf, torchFile, type MadeTensor, type Tree } from '../../torch-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const folder = temporaryFolder()
const ENCODER = join(OFFICIAL, 'models/dinov2_tiny14_reg4_pretrain.pth')
const CODEBOOK = join(OFFICIAL, 'data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy')
const STAGE1 = join(OFFICIAL, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')
const complex = (shape: readonly number[]): MadeTensor => ({
  shape,
  values: new Uint8Array(8 * shape.reduce((a, b) => a * b, 1)),
  storage: 'ComplexFloatStorage',
})
const WHY = 'unsupported element type ComplexFloatStorage'

let encoder: Record<string, MadeTensor>
let stage1: Awaited<ReturnType<typeof fairseqOf>>
beforeAll(async () => {
  encoder = await tensorsOf(ENCODER)
  stage1 = await fairseqOf(STAGE1)
})

const open = (name: string, tree: Tree) => openModels([folder.write(name, torchFile(tree)), CODEBOOK])

it('an encoder with an unused tensor tokenizes, and the tensor is named', async () => {
  const models = await open('encoder.pth', { ...encoder, unused: complex([4]) })
  expect(models.modelSet.notes).toContainEqual(
    expect.stringContaining(`encoder.pth: tensors that cannot be read and are not needed: unused (${WHY})`),
  )
  const tokenizer = await openTokenizer(
    await models.open('encoder'),
    await models.open('codebook'),
    224,
    'cpu',
  )
  const [tokens] = await tokenizer.tokens([{ rgb: new Uint8Array(224 * 224 * 3), width: 224, height: 224 }])
  expect(tokens!.tokens).toHaveLength(256)
  await tokenizer.close()
  await models.close()
})

it('stage 1 with an optimizer state of that kind opens', async () => {
  const state = {
    0: { exp_avg: complex([4]), exp_avg_sq: complex([4]) },
    1: { exp_avg: complex([2]) },
    2: { step: complex([1]) },
  }
  const models = await open('stage1.pt', {
    cfg: { model: stage1.config },
    model: stage1.model,
    last_optimizer_state: { state },
  })
  expect(models.modelSet.notes).toContainEqual(
    expect.stringMatching(/last_optimizer_state\.state\.0\.exp_avg .*, 1 more$/),
  )
  expect((await models.open('stage1')).config.layers).toBe(3)
  await models.close()
})

it.each(['blocks.1.attn.qkv.weight', 'register_tokens', 'cls_token', 'norm.bias'])(
  'an encoder whose %s cannot be read is named, with the reason',
  async (name) => {
    const models = await open(`${name}.pth`, { ...encoder, [name]: complex(encoder[name]!.shape) })
    const reading = models.open('encoder').then((opened) => opened.tensors.get(name))
    await expect(reading).rejects.toThrow(`cannot be read: ${WHY}`)
    expect(models.modelSet.notes.join()).not.toContain('cannot be read and are')
    await models.close()
  },
)
