// Every kind of file, against the values torch and numpy gave for it; and how little is read to open one.
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFile, type Source } from '../../../src/engine/bytes/source.ts'
import { dataAt, openCheckpoint, type Weights } from '../../../src/engine/checkpoint/index.ts'
import { openCheckpointSource } from '../../../src/engine/checkpoint/open.ts'
import { fixture, reference, valuesOf, type TensorReference } from './reference.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const official = (path: string) => join(root, 'test/fixtures/official-tiny', path)
const demo = (path: string) => join(root, 'resources/demo', path)

async function withCheckpoint<T>(path: string, use: (weights: Weights) => Promise<T>): Promise<T> {
  const weights = await openCheckpoint(path)
  try {
    return await use(weights)
  } finally {
    await weights.close()
  }
}

async function expectTensors(weights: Weights, expected: Record<string, TensorReference>): Promise<void> {
  expect([...weights.tensors.keys()].sort()).toEqual(Object.keys(expected).sort())
  for (const [name, view] of weights.tensors) {
    const { dtype, shape, contiguous, values } = expected[name]!
    expect([view.dtype, view.shape, view.contiguous], name).toEqual([dtype, shape, contiguous])
    const found = Array.from<unknown>(await view.read())
    expect(found, name).toEqual(valuesOf(values, dtype).map((value) => rounded(value, dtype)))
  }
}

/** Reprs are of float64; narrower floats hold what they round to, which torch printed exactly. */
const rounded = (value: number | bigint, dtype: string) =>
  dtype === 'f32' ? Math.fround(Number(value)) : value

describe('values', () => {
  test.each(['zip.pt', 'zip-protocol4.pt', 'legacy.pt', 'legacy-protocol4.pt'])('%s', (name) =>
    withCheckpoint(fixture(name), async (weights) => {
      expect(weights.format).toBe(name.startsWith('zip') ? 'torch-zip' : 'torch-legacy')
      await expectTensors(weights, reference.tensors)
    }),
  )

  test('safetensors', () =>
    withCheckpoint(fixture('all.safetensors'), async (weights) => {
      expect(weights.format).toBe('safetensors')
      await expectTensors(weights, reference.safetensors)
      expect(weights.data).toEqual(
        new Map([
          ['format', 'pt'],
          ['__proto__', 'text'],
        ]),
      )
    }))

  test('npy, npz and a bare tensor', async () => {
    await withCheckpoint(fixture('fortran.npy'), async ({ format, tensors }) => {
      const view = tensors.get('array')!
      expect([format, view.contiguous, view.strides]).toEqual(['npy', false, [1, 2, 6]])
      expect([...(await view.read())]).toEqual(Array.from({ length: 24 }, (_, i) => i))
    })
    await withCheckpoint(fixture('bare-tensor.pt'), async ({ tensors }) => {
      expect([...(await tensors.get('array')!.read())]).toEqual([0, 1, 2])
    })
  })

  test('an .npz with the element types of checkpoints', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'npz-'))
    const { writeNpz } = await import('../../../src/engine/bytes/npz.ts')
    const path = join(folder, 'a.npz')
    await writeNpz(path, { a: { data: new Float32Array([1, 2]) }, b: { data: new BigInt64Array([3n]) } })
    await withCheckpoint(path, async ({ format, tensors, tensorBytes }) => {
      expect([format, tensorBytes, [...tensors.keys()]]).toEqual(['npz', 16, ['a', 'b']])
      expect(await tensors.get('b')!.read()).toEqual(new BigInt64Array([3n]))
    })
    await rm(folder, { recursive: true })
  })

  test('contiguous tensors are at their offset in the file', () =>
    withCheckpoint(fixture('zip.pt'), async ({ tensors, path }) => {
      const file = await readFile(path)
      const view = tensors.get('row')!
      expect(view.path).toBe(path)
      const values = new Float32Array(
        file.buffer.slice(file.byteOffset + view.offset, file.byteOffset + view.offset + 24),
      )
      expect(values).toEqual(await view.read())
    }))

  test('shared storages are counted once', () =>
    withCheckpoint(fixture('zip.pt'), async ({ tensorBytes, tensors }) => {
      expect(tensors.get('tied')!.offset).toBe(tensors.get('f32')!.offset)
      const unshared = [...tensors.values()].reduce(
        (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
        0,
      )
      expect(tensorBytes).toBeLessThan(unshared * 8)
    }))
})

describe('official files', () => {
  test('the legacy format contains the same encoder', () =>
    withCheckpoint(official('models/dinov2_tiny14_reg4_pretrain.pth'), (zip) =>
      withCheckpoint(official('variants/dinov2_tiny_legacy_format.pth'), async (legacy) => {
        expect([...legacy.tensors.keys()]).toEqual([...zip.tensors.keys()])
        for (const [name, view] of zip.tensors)
          expect(await legacy.tensors.get(name)!.read()).toEqual(await view.read())
        expect(legacy.tensorBytes).toBe(zip.tensorBytes)
      }),
    ))

  test.each([
    ['outputs/tiny_stage1/checkpoints/checkpoint_last.pt', 'cfg'],
    ['variants/stage1_cfg_omegaconf_decoder_only.pt', 'cfg'],
    ['variants/stage1_args_namespace_decoder_only.pt', 'args'],
  ])('the configuration of %s is read', (path, key) =>
    withCheckpoint(official(path), async ({ data }) => {
      const model = key === 'cfg' ? 'cfg.model' : 'args'
      const names = [
        '_name',
        'decoder_layers',
        'decoder_embed_dim',
        'decoder_normalize_before',
        'activation_fn',
      ]
      expect(names.map((name) => dataAt(data, `${model}.${name}`))).toEqual(['stlm', 3, 64, false, 'gelu'])
    }),
  )

  test.each([
    ['tiny_stage1', 'stlm', 'f32'],
    ['tiny_stage1_cls', 'stlm', 'f16'],
    ['tiny_stage2', 'st2vtlm', 'f16'],
    ['tiny_stage2_nar', 'st2vtlm_nar', 'f16'],
    ['tiny_vq', 'st2vtlm_vq', 'f16'],
  ])('%s', (name, kind, dtype) =>
    withCheckpoint(official(`outputs/${name}/checkpoints/checkpoint_last.pt`), async ({ data, tensors }) => {
      expect(dataAt(data, 'cfg.model._name')).toBe(kind)
      const embedding = tensors.get('model.decoder.embed_tokens.weight')!
      expect([embedding.dtype, embedding.contiguous]).toEqual([dtype, true])
      for (const view of tensors.values()) await view.read()
    }),
  )

  test.each([
    ['models/vqgan_demo.ckpt', 'state_dict.decoder.conv_in.weight'],
    ['models/dinov2_demo8_reg4_pretrain.pth', 'pos_embed'],
    ['outputs/demo_stage1_cls/checkpoints/checkpoint_last.pt', 'model.decoder.embed_tokens.weight'],
  ])('demo %s', (path, tensor) =>
    withCheckpoint(demo(path), async ({ tensors }) => {
      expect((await tensors.get(tensor)!.read()).length).toBeGreaterThan(0)
    }),
  )
})

describe('opening', () => {
  let folder: string
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'open-'))))
  afterAll(() => rm(folder, { recursive: true }))

  test('the file name does not matter', async () => {
    const path = join(folder, 'weights.safetensors')
    await copyFile(fixture('legacy.pt'), path)
    await withCheckpoint(path, async ({ format }) => expect(format).toBe('torch-legacy'))
  })

  test.each([
    [official('outputs/tiny_stage2/checkpoints/checkpoint_last.pt'), 0.12],
    [official('variants/dinov2_tiny_legacy_format.pth'), 0.25],
    [official('data/ILSVRC2012/dinov2_tiny_short_224_l3/km_tiny.npy'), 0.01],
  ])('opening %s reads headers only', async (path, share) => {
    const file = await openFile(path)
    let bytes = 0
    const counted: Source = {
      name: file.name,
      size: file.size,
      read(start, end) {
        bytes += end - start
        return file.read(start, end)
      },
      close: () => file.close(),
    }
    const weights = await openCheckpointSource(counted, path)
    expect(bytes).toBeLessThan(file.size * share)
    bytes = 0
    const smallest = [...weights.tensors.values()].at(-1)!
    const read = await smallest.read()
    expect(bytes).toBeLessThanOrEqual(read.byteLength)
    await weights.close()
  })
})
