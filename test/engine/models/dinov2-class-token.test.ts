// The class token of DINOv2's last block against the official layers in torch: test/fixtures/metrics/make-class-token.py.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { preprocess } from '../../../src/engine/images/index.ts'
import { dinov2ClassToken } from '../../../src/engine/models/dinov2.ts'
import { openModels } from '../../../src/engine/model-set/open-models.ts'
import { tensor } from '../../../src/engine/session/index.ts'
import { maxDifference, OFFICIAL, reference, runGraph, toPixels, values } from './run-graph.ts'

test('the class token of images resized from 256 to 224 pixels matches torch', async () => {
  const file = join(import.meta.dirname, '../../fixtures/metrics/class-token.json')
  const expected: number[][] = JSON.parse(readFileSync(file, 'utf8'))
  const models = await openModels([OFFICIAL])
  const encoder = await models.open('encoder')
  const levels = Uint8Array.from(await reference('image_u8'))
  const small = expected.flatMap((_, i) => {
    const rgb = levels.slice(i * 256 * 256 * 3, (i + 1) * 256 * 256 * 3)
    return [...preprocess({ rgb, width: 256, height: 256 }, 224).rgb]
  })
  const pixels = tensor('f32', toPixels(small, 224), [expected.length, 3, 224, 224])
  const { features } = await runGraph(dinov2ClassToken(encoder.tensors), { pixels })
  await models.close()
  // The tolerance of the patch features, for the same reason: float32 sums in another order.
  expect(maxDifference(values(features), expected.flat())).toBeLessThan(2e-4)
})
