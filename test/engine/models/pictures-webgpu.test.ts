// The picture networks through WebGPU against the original code: the tolerances of the processor hold.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dinov2Tokenizer } from '../../../src/engine/models/dinov2.ts'
import { vqganDecoder, vqganEncoder } from '../../../src/engine/models/vqgan.ts'
import { openModels, type OpenModels } from '../../../src/engine/model-set/open-models.ts'
import { vqganConfig } from '../../../src/engine/tokenizer/tokenizer.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

const SIDE = 256
const IMAGE = 3 * SIDE * SIDE
/** Below this margin rounding may decide between two tokens. */
const SURE = 1e-3

let models: OpenModels
beforeAll(async () => void (models = await openModels([OFFICIAL])))
afterAll(() => models.close())

/** Picture 0 of the fixtures. */
const picture = async () =>
  tensor('f32', toPixels((await reference('image_u8')).slice(0, IMAGE), SIDE), [1, 3, SIDE, SIDE])

/** Tokens that differ although their margin leaves no doubt. */
async function wrong(found: readonly number[], tokens: string, margins: string): Promise<number> {
  const [expected, margin] = [await reference(tokens), await reference(margins)]
  return found.filter((token, i) => token !== expected[i] && margin[i]! > SURE).length
}

test('the VQGAN decoder matches the original through WebGPU', async () => {
  const vqgan = await models.open('vqgan')
  const codes = Array.from((await reference('vq_tokens')).slice(0, 256))
  const graph = vqganDecoder(vqgan.tensors, vqganConfig(vqgan))
  const { pixels } = await runGraph(graph, { codes: tensor('i64', codes, [1, 256]) }, 'webgpu')
  expect(maxDifference(values(pixels), (await reference('vq_pixels')).slice(0, IMAGE))).toBeLessThan(1e-3)
})

test('the VQGAN encoder matches the original through WebGPU', async () => {
  const vqgan = await models.open('vqgan')
  const graph = vqganEncoder(vqgan.tensors, vqganConfig(vqgan))
  const { codes } = await runGraph(graph, { pixels: await picture() }, 'webgpu')
  expect(await wrong(values(codes), 'vq_tokens', 'vq_margin')).toBe(0)
})

test('DINOv2 and K-Means match the original through WebGPU', async () => {
  const [encoder, { centroids, transposed }] = [await models.open('encoder'), await models.open('codebook')]
  const graph = dinov2Tokenizer(encoder.tensors, { tensor: centroids, transposed }, { size: SIDE })
  const { features, tokens } = await runGraph(graph, { pixels: await picture() }, 'webgpu')
  const expected = (await reference('features')).slice(
    0,
    256 * encoder.tensors.get('cls_token').shape.at(-1)!,
  )
  expect(maxDifference(values(features), expected)).toBeLessThan(2e-4)
  expect(await wrong(values(tokens), 'sem_tokens', 'sem_margin')).toBe(0)
})
