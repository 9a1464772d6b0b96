// The generators' fixtures: tiny checkpoints of the original classes, and what those computed (test/fixtures/generators).
import { join, resolve } from 'node:path'
import { openFile, readNpz } from '../../../../src/engine/bytes/index.ts'
import { openCheckpoint, type Weights } from '../../../../src/engine/checkpoint/index.ts'
import { llamagen } from '../../../../src/engine/models/generators/llamagen.ts'
import { mage } from '../../../../src/engine/models/generators/mage.ts'
import { maskgit } from '../../../../src/engine/models/generators/maskgit.ts'
import { rar } from '../../../../src/engine/models/generators/rar.ts'
import { taming } from '../../../../src/engine/models/generators/taming.ts'
import { varNetwork } from '../../../../src/engine/models/generators/var.ts'
import { modelTensors, type ModelTensors } from '../../../../src/engine/models/tensors.ts'

export const GENERATORS = resolve('test/fixtures/generators')
const TAMING = 'taming/2021-04-03T19-39-50_cin_transformer/checkpoints/last.ckpt'

/** Files and prefixes of the checkpoints. */
export const FILES = {
  mage: {
    generator: ['mage/mage-vitb-1600.pth', 'model.'],
    vqgan: ['mage/mage-vitb-1600.pth', 'model.vqgan.'],
  },
  taming: { generator: [TAMING, 'state_dict.'], vqgan: [TAMING, 'state_dict.first_stage_model.'] },
  maskgit: {
    generator: ['maskgit/pretrained_maskgit/MaskGIT/MaskGIT_ImageNet_256.pth', 'model_state_dict.'],
    vqgan: ['maskgit/pretrained_maskgit/VQGAN/last.ckpt', 'state_dict.'],
  },
  rar: { generator: ['rar/rar_b.bin', ''], vqgan: ['rar/maskgit-vqgan-imagenet-f16-256.bin', ''] },
  llamagen: { generator: ['llamagen/c2i_B_256.pt', 'model.'], vqgan: ['llamagen/vq_ds16_c2i.pt', 'model.'] },
  var: { generator: ['var/var_d16.pth', ''], vqgan: ['var/vae_ch160v4096z32.pth', ''] },
} as const
export type FixtureName = keyof typeof FILES

const opened: Weights[] = []
/** Closes the files that `tensorsOf` opened. */
export const closeFixtures = () => Promise.all(opened.splice(0).map((weights) => weights.close()))

/** The tensors of a model of a fixture. */
export async function tensorsOf(name: FixtureName, what: 'generator' | 'vqgan'): Promise<ModelTensors> {
  const [file, prefix] = FILES[name][what]
  const weights = await openCheckpoint(join(GENERATORS, file))
  opened.push(weights)
  return modelTensors(weights, prefix)
}

/** The networks of the fixtures, with the sizes that are in no tensor (sizes.json of each). */
export const NETWORKS = {
  mage: async () => mage(await tensorsOf('mage', 'generator'), { heads: 2 }),
  maskgit: async () => maskgit(await tensorsOf('maskgit', 'generator'), { heads: 4, codes: 64 }),
  taming: async () => taming(await tensorsOf('taming', 'generator'), { heads: 4 }),
  rar: async () => rar(await tensorsOf('rar', 'generator')),
  llamagen: async () => llamagen(await tensorsOf('llamagen', 'generator'), {}),
  var: async () => varNetwork(await tensorsOf('var', 'generator')),
}

/** The arrays of a fixture's reference.npz, as plain numbers. */
export async function references(
  name: FixtureName,
  keys: readonly string[],
): Promise<Record<string, number[]>> {
  const source = await openFile(join(GENERATORS, name, 'reference.npz'))
  try {
    const arrays = await readNpz(source, [...keys])
    return Object.fromEntries(
      keys.map((key) => [key, Array.from(arrays.get(key)!.data as Iterable<number | bigint>, Number)]),
    )
  } finally {
    await source.close()
  }
}

/** The mixing of 32 bits that both kinds of fixtures draw with. */
export function mix(x: number): number {
  x = (x ^ (x >>> 16)) >>> 0
  x = Math.imul(x, 0x21f0aaad) >>> 0
  x = (x ^ (x >>> 15)) >>> 0
  x = Math.imul(x, 0x735a2d97) >>> 0
  return (x ^ (x >>> 15)) >>> 0
}

/** The uniforms of MAGE, taming and MaskGIT; `use` 0 is the token, 1 the noise of its confidence. */
export const uniformByUse = (seed: number, step: number, position: number, use: 0 | 1): number =>
  (mix(mix(mix(seed * 4 + use) + step) + position) + 0.5) / 2 ** 32

/** The uniforms of RAR, LlamaGen and VAR. */
export function uniformByImage(seed: number, image: number, step: number, position: number): number {
  let h = mix(seed)
  h = mix(h + Math.imul(image, 0x9e3779b1))
  h = mix(h + Math.imul(step, 0x85ebca77))
  h = mix(h + Math.imul(position, 0xc2b2ae3d))
  return (h + 0.5) / 2 ** 32
}

/** The input pictures of RAR, LlamaGen and VAR, two of 256 x 256, by the formula of the fixtures. */
export function formulaPictures(): number[] {
  const tri = (t: number) => (t < 256 ? t : 511 - t)
  const pixels: number[] = []
  for (let i = 0; i < 2; i++)
    for (let y = 0; y < 256; y++)
      for (let x = 0; x < 256; x++)
        for (let c = 0; c < 3; c++) {
          const [X, Y] = [x >> 1, y >> 2]
          const a = (X * (6 + 4 * c) + Y * (20 + 4 * i)) & 511
          const b = (X * (2 + 2 * i) - Y * (8 + 4 * c) + 97 * i + 61 * c) & 511
          const m = mix((y >> 4) * 16 + (x >> 4) + 256 * (c + 3 * i)) & 63
          pixels.push((2 * tri(a) + tri(b) + 4 * m) >> 2)
        }
  return pixels
}
