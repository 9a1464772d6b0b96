// The VQGANs of the published generators against what the original classes computed.
import { afterAll, describe, expect, test } from 'vitest'
import { inferVqganConfig } from '../../../../src/engine/models/vqgan-config.ts'
import { vqganDecoder, vqganEncoder } from '../../../../src/engine/models/vqgan.ts'
import { tensor } from '../../../../src/engine/session/index.ts'
import { maxDifference, runGraph, toPixels, values } from '../run-graph.ts'
import { closeFixtures, formulaPictures, references, tensorsOf, type FixtureName } from './fixture.ts'

afterAll(closeFixtures)

const codesOf = (all: readonly number[], cells = 256) => tensor('i64', all, [all.length / cells, cells])
/** Every n-th pixel of both axes of [.., 3, side, side]. */
const thinned = (pixels: readonly number[], side: number, n: number) =>
  pixels.filter((_, i) => (i % side) % n === 0 && (Math.floor(i / side) % side) % n === 0)

describe.each(['mage', 'taming', 'maskgit'] as const)('the VQGAN of %s', (name) => {
  test('decodes to the original pixels and bytes', async () => {
    const tensors = await tensorsOf(name, 'vqgan')
    const config = inferVqganConfig(tensors)
    const bytes = name === 'maskgit' ? 'vq_u8_taming_rule' : 'vq_u8'
    const expected = await references(name, ['vq_tokens', 'vq_pixels', bytes])
    const { pixels, rgb } = await runGraph(vqganDecoder(tensors, config), {
      codes: codesOf(expected.vq_tokens!),
    })
    // float32 is off by up to 5e-6 in the original.
    expect(maxDifference(values(pixels), expected.vq_pixels!)).toBeLessThan(1e-4)
    // Truncation may fall either way where a value is near an integer.
    const own = values(rgb).slice(0, expected[bytes]!.length)
    expect(maxDifference(own, expected[bytes]!)).toBeLessThanOrEqual(1)
    expect(own.filter((level, i) => level !== expected[bytes]![i]).length).toBeLessThan(own.length / 200)
  })

  test('encodes to the original codes', async () => {
    const tensors = await tensorsOf(name, 'vqgan')
    const config = inferVqganConfig(tensors)
    const side = config.resolution
    const expected = await references(name, ['image_u8', 'vq_tokens', 'vq_margin'])
    expect(Math.min(...expected.vq_margin!)).toBeGreaterThan(1e-4)
    const pixels = tensor('f32', toPixels(expected.image_u8!, side), [2, 3, side, side])
    const { codes } = await runGraph(vqganEncoder(tensors, config), { pixels })
    expect(values(codes)).toEqual(expected.vq_tokens)
  })
})

describe.each(['rar', 'llamagen', 'var'] as const)('the VQGAN of %s', (name) => {
  test('decodes to the original pixels and bytes', async () => {
    const { pixels, rgb, expected } = await decoded(name)
    // 25 times the noise of float32.
    expect(maxDifference(thinned(pixels, 256, 4), expected.decode_raw!)).toBeLessThan(1e-3)
    const corner = pixels.filter((_, i) => i % 256 >= 248 && Math.floor(i / 256) % 256 >= 248)
    expect(maxDifference(corner, expected.decode_raw_corner!)).toBeLessThan(1e-3)
    const bytes = rgb.filter((_, i) => (Math.floor(i / 3) % 256) % 4 === 0 && Math.floor(i / 768) % 4 === 0)
    expect(maxDifference(bytes, expected.decode_u8!)).toBeLessThanOrEqual(1)
    expect(bytes.filter((level, i) => level !== expected.decode_u8![i]).length).toBeLessThan(
      bytes.length / 200,
    )
  })

  test('encodes to the original codes where the margin is above 1e-3', async () => {
    const tensors = await tensorsOf(name, 'vqgan')
    const expected = await references(name, ['encode_tokens', 'encode_margin'])
    const pixels = tensor('f32', toPixels(formulaPictures(), 256), [2, 3, 256, 256])
    const { codes } = await runGraph(vqganEncoder(tensors, inferVqganConfig(tensors)), { pixels })
    const found = values(codes)
    const isNear = (i: number) => expected.encode_margin![i]! <= 1e-3
    // The residual of a scale depends on all scales before: of VAR, an image up to the first near tie.
    const compared = expected.encode_tokens!.flatMap((_, i) => {
      const from = name === 'var' ? i - (i % 680) : i
      return Array.from({ length: i - from + 1 }, (_, n) => from + n).some(isNear) ? [] : [i]
    })
    expect(compared.length).toBeGreaterThan(200)
    expect(compared.map((i) => found[i])).toEqual(compared.map((i) => expected.encode_tokens![i]))
  })
})

/** Grid 0 of a fixture. */
async function decoded(name: FixtureName) {
  const tensors = await tensorsOf(name, 'vqgan')
  const expected = await references(name, ['decode_tokens', 'decode_raw', 'decode_raw_corner', 'decode_u8'])
  const cells = name === 'var' ? 680 : 256
  const codes = codesOf(expected.decode_tokens!.slice(0, cells), cells)
  const { pixels, rgb } = await runGraph(vqganDecoder(tensors, inferVqganConfig(tensors)), { codes })
  return { pixels: values(pixels), rgb: values(rgb), expected }
}
