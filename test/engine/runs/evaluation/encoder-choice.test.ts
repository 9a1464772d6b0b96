// Which encoder's features compare images: the one of FD-DINOv2 where it is open, else the tokens' own.
import { expect, test } from 'vitest'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import { encoderAmong } from '../../../../src/engine/runs/evaluation/extractor.ts'
import type { ModelFile, ModelSet } from '../../../../src/shared/models/models.ts'
import { DEMO } from '../../models/run-graph.ts'

const encoder = (id: string, facts: ModelFile['facts'], problem?: string): ModelFile => ({
  id,
  path: `/models/${id}`,
  prefix: '',
  kind: 'encoder',
  bytes: 1,
  sha256: id,
  summary: '',
  facts,
  ...(problem === undefined ? {} : { problem }),
})
const own = encoder('own.pth', { width: 1024, depth: 24, patch: 14, registers: 4 })
const plain = { width: 1024, depth: 24, patch: 14, registers: 0 }
const chosen = (files: readonly ModelFile[]) =>
  encoderAmong({ files, set: { encoder: own.id } } as ModelSet)?.id

test('ViT-L/14 without registers is preferred, unless it cannot be used', () => {
  expect(chosen([own, encoder('dinov2_vitl14_pretrain.pth', plain)])).toBe('dinov2_vitl14_pretrain.pth')
  expect(chosen([own, encoder('dinov2_vitl14_pretrain.pth', plain, 'damaged')])).toBe('own.pth')
  expect(chosen([own])).toBe('own.pth')
})

test('an encoder that makes no tokens opens beside the others', async () => {
  const models = await openModels([DEMO])
  try {
    const { file, tensors } = await models.open('encoder')
    const other = await models.openOtherEncoder(file)
    expect(other.tensors.get('pos_embed').shape).toEqual(tensors.get('pos_embed').shape)
    await other.confirm()
  } finally {
    await models.close()
  }
})
