// Files that are broken or hostile: each is refused with the place and both numbers, and nothing is executed.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bytesSource } from '../../../src/engine/bytes/source.ts'
import { readZip } from '../../../src/engine/bytes/zip.ts'
import { dataAt, openCheckpoint } from '../../../src/engine/checkpoint/index.ts'
import { openCheckpointSource } from '../../../src/engine/checkpoint/open.ts'
import { FormatError, RequestError } from '../../../src/shared/errors.ts'
import { craftZip, type CraftedEntry } from '../bytes/craft-zip.ts'
import { fixture } from './reference.ts'

const open = (bytes: Uint8Array) => openCheckpointSource(bytesSource('x.pt', bytes), '/x.pt')

async function refusal(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => new Error('was accepted'),
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(FormatError)
  return String(error)
}

/** Opcodes that push one f32 tensor over storage `0`; the numbers are what the pickle says. */
function tensorOpcodes({
  offset = 0,
  shape = [4],
  strides = [1],
  count = 4,
  type = 'FloatStorage',
  key = '0',
} = {}) {
  const text = (value: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(value.length)
    return `X${length.toString('latin1')}${value}`
  }
  const number = (value: number) => `I${value}\n`
  const tuple = (values: number[]) => `(${values.map(number).join('')}t`
  const storage = `(${text('storage')}ctorch\n${type}\n${text(key)}${text('cpu')}${number(count)}tQ`
  return `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${number(offset)}${tuple(shape)}${tuple(strides)}\x89NtR`
}

/** A pickle of `{w: tensor}`. */
function torchPickle(tensor: Parameters<typeof tensorOpcodes>[0] = {}): Buffer {
  return Buffer.from(`\x80\x02}X\x01\x00\x00\x00w${tensorOpcodes(tensor)}s.`, 'latin1')
}

function torchZip(
  pickle: Uint8Array,
  storage: Partial<CraftedEntry> = {},
  more: CraftedEntry[] = [],
): Uint8Array {
  return craftZip([
    { name: 'x/data.pkl', data: pickle },
    { name: 'x/data/0', data: new Uint8Array(16), ...storage },
    ...more,
  ])
}

test('the crafted file is valid without changes', async () => {
  const weights = await open(torchZip(torchPickle()))
  expect(await weights.tensors.get('w')!.read()).toEqual(new Float32Array(4))
})

describe('not a checkpoint', () => {
  test.each<[string, Uint8Array, string]>([
    ['zero-length', new Uint8Array(0), 'x.pt: file is empty'],
    [
      'one byte',
      Uint8Array.of(7),
      'x.pt: not a PyTorch, safetensors or NumPy file (found a file that starts with 07)',
    ],
    [
      'a page',
      Buffer.from('<!DOCTYPE html><html></html>'),
      'not a PyTorch, safetensors or NumPy file (found an HTML page',
    ],
    [
      'a Git LFS pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      'found a Git LFS pointer',
    ],
    ['an empty archive', craftZip([]), 'empty zip archive'],
    [
      'another archive',
      craftZip([{ name: 'a.txt', data: Buffer.from('a') }]),
      'unexpected entry a.txt in .npz (expected only .npy files)',
    ],
    ['a bare pickle', Buffer.from('\x80\x02}.', 'latin1'), 'found a Python pickle'],
  ])('%s', async (_, bytes, message) => {
    expect(await refusal(open(bytes))).toContain(message)
  })

  test('a missing file and a folder', async () => {
    const missing = await openCheckpoint('/none/x.pt').catch((error: unknown) => error)
    expect(missing).toBeInstanceOf(RequestError)
    expect(String(missing)).toContain('cannot read /none/x.pt: no such file')
    expect(await refusal(openCheckpoint(tmpdir()))).toContain('not a regular file')
  })
})

test.each(['zip.pt', 'legacy.pt', 'legacy-protocol4.pt', 'all.safetensors', 'arrays.npz', 'fortran.npy'])(
  'refuses %s truncated at any byte',
  async (name) => {
    const bytes = await readFile(fixture(name))
    for (let size = 0; size < bytes.length; size++) await refusal(open(bytes.subarray(0, size)))
  },
)

describe('hostile pickles', () => {
  test('a call of os.system becomes a record and is not run; the tensors stay readable', async () => {
    const weights = await openCheckpoint(fixture('reduce-os-system.pt'))
    expect(await weights.tensors.get('model.weight')!.read()).toEqual(new Float32Array([1, 1]))
    expect(dataAt(weights.data, 'payload')).toBe('touch EXECUTED')
    await weights.close()
    expect(existsSync('EXECUTED')).toBe(false)
  })

  test.each<[string, string, string]>([
    ['deep nesting of marks', '('.repeat(5000), 'nested too deeply (maximum 1000)'],
    ['deep nesting of tuples', `N${'\x85'.repeat(5000)}.`, 'nested too deeply (maximum 1000)'],
    ['text of 4 GB', 'X\xff\xff\xff\xff.', 'expected 4294967295 bytes'],
    ['a list that doubles 60 times', `]${'q\x00h\x00h\x00\x86'.repeat(60)}.`, 'values to search for tensors'],
    [
      'a name of 6002 characters',
      // {nnn…: {nnn…: {nnn…: tensor}}}
      `${`}X\xd0\x07\x00\x00${'n'.repeat(2000)}`.repeat(3)}${tensorOpcodes()}sss.`,
      'tensor name too long (found 6002 characters, maximum 512)',
    ],
  ])('%s', async (_, pickle, message) => {
    const started = performance.now()
    expect(await refusal(open(torchZip(Buffer.from(pickle, 'latin1'))))).toContain(message)
    // Taken apart element by element it would not end in a lifetime.
    expect(performance.now() - started).toBeLessThan(30_000)
  })

  test('a dict that contains itself and keys called __proto__ or constructor', async () => {
    const pickle = '}q\x00(X\x09\x00\x00\x00__proto__h\x00X\x0b\x00\x00\x00constructorh\x00u.'
    const weights = await open(torchZip(Buffer.from(pickle, 'latin1')))
    expect(weights.tensors.size).toBe(0)
    expect(dataAt(weights.data, '__proto__.constructor.__proto__.none')).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('tensors outside their storage', () => {
  test.each<[string, Parameters<typeof torchPickle>[0], string]>([
    ['offset', { offset: 1 }, 'needs elements 1 to 5, found 4'],
    ['shape', { shape: [5] }, 'needs elements 0 to 5'],
    ['stride', { strides: [2] }, 'needs elements 0 to 7'],
    ['two axes', { shape: [2, 2], strides: [3, 1] }, 'needs elements 0 to 5'],
    ['huge shape', { shape: [2 ** 31, 2 ** 31], strides: [2 ** 31, 1] }, 'invalid tensor layout'],
    ['huge stride', { shape: [2], strides: [2 ** 52] }, 'found 4)'],
    ['negative offset', { offset: -1 }, 'tensor offset: invalid value (found -1, expected 0 or more)'],
    ['negative stride', { strides: [-1] }, 'tensor strides: invalid value (found -1, expected 0 or more)'],
    ['negative size', { shape: [-4] }, 'tensor shape: invalid value (found -4, expected 0 or more)'],
    ['fewer strides than sizes', { shape: [2, 2] }, '2 dimensions with 1 strides'],
    [
      'a count that differs from the entry',
      { count: 5 },
      'tensor w: entry x/data/0: wrong size (found 16 bytes, expected 20)',
    ],
    [
      'an unknown element type',
      { type: 'QuantumStorage' },
      'tensor w: unsupported element type QuantumStorage',
    ],
    ['a storage that is missing', { key: '1' }, 'tensor w: entry x/data/1: missing'],
    ['a storage outside the folder', { key: '../data.pkl' }, 'tensor w: entry x/data/../data.pkl: missing'],
    ['65 dimensions', { shape: Array(65).fill(1), strides: Array(65).fill(1) }, 'at most 64 numbers'],
  ])('%s', async (_, pickle, message) => {
    expect(await refusal(open(torchZip(torchPickle(pickle))))).toContain(message)
  })

  test('an expanded view of 2^40 elements opens, but cannot be read', async () => {
    const weights = await open(torchZip(torchPickle({ shape: [2 ** 20, 2 ** 20], strides: [0, 0] })))
    expect(await refusal(weights.tensors.get('w')!.read())).toContain('tensor too large to read at once')
  })
})

describe('archives', () => {
  const pickle = torchPickle()
  test.each<[string, Uint8Array, string]>([
    [
      'compressed storage',
      torchZip(pickle, {
        data: deflateRawSync(new Uint8Array(16)),
        method: 8,
        central: { fullSize: 16 },
        local: { fullSize: 16 },
      }),
      'entry x/data/0: compressed entries are not supported',
    ],
    [
      'storage twice',
      torchZip(pickle, {}, [{ name: 'x/data/0', data: new Uint8Array(16) }]),
      'duplicate entry name',
    ],
    [
      'storage over the pickle',
      torchZip(pickle, { central: { offset: 0 } }),
      'name differs: "x/data.pkl" in the local header, "x/data/0" in the central directory',
    ],
    [
      'sizes that disagree',
      torchZip(pickle, { local: { size: 12 } }),
      'size differs: 12 in the local header, 16',
    ],
    [
      'big-endian files are not supported',
      torchZip(pickle, {}, [{ name: 'x/byteorder', data: Buffer.from('big') }]),
      'unsupported byte order (found "big", expected "little")',
    ],
    ['two pickles', torchZip(pickle, {}, [{ name: 'y/data.pkl', data: pickle }]), 'expected only .npy files'],
    [
      'no pickle',
      craftZip([{ name: 'x/data/0', data: new Uint8Array(4) }]),
      'unexpected entry x/data/0 in .npz',
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await refusal(open(bytes))).toContain(message)
  })

  test('an entry hidden inside another', async () => {
    const inner = craftZip([{ name: 'x/data/0', data: new Uint8Array(16) }])
    const bytes = craftZip([
      { name: 'x/data.pkl', data: pickle },
      { name: 'x/more', data: inner },
      { name: 'x/data/0', data: new Uint8Array(16), central: { offset: 30 + 10 + pickle.length + 30 + 6 } },
    ])
    expect(await refusal(open(bytes))).toContain('overlap')
  })
})

test.each([
  ['big-endian.pt', 'unsupported byte order (found "big", expected "little")'],
  ['complex.pt', 'tensor complex: unsupported element type ComplexFloatStorage'],
  ['arrays-compressed.npz', 'compressed; save with numpy.savez'],
  [
    'big-endian.npy',
    "unsupported element type (found '>f4', expected one of <f8 <f4 <f2 <i8 <i4 <i2 |i1 <u8 <u4 <u2 |u1 |b1)",
  ],
])('%s is refused', async (name, message) => {
  expect(await refusal(openCheckpoint(fixture(name)))).toContain(message)
})

describe('safetensors', () => {
  function safetensors(header: unknown, body = 16): Uint8Array {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(text.length))
    return Buffer.concat([length, text, Buffer.alloc(body)])
  }
  const row = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  })

  test.each<[string, Uint8Array, string]>([
    ['not JSON', safetensors('{'), 'header is not valid JSON'],
    ['deep JSON', safetensors(`{"a":${'['.repeat(100_000)}`), 'header is not valid JSON'],
    ['a header beyond the file', safetensors('{}', 0).subarray(0, 9), 'not a PyTorch'],
    [
      'a gap',
      safetensors({ a: row([2], [0, 8]), b: row([1], [12, 16]) }),
      'tensor b: wrong offset (found byte 12, expected 8)',
    ],
    [
      'an overlap',
      safetensors({ a: row([3], [0, 12]), b: row([2], [8, 16]) }),
      'tensor b: wrong offset (found byte 8, expected 12)',
    ],
    [
      'bytes outside all tensors',
      safetensors({ a: row([2], [0, 8]) }),
      'wrong file size (tensors end at byte 8, file has 16)',
    ],
    [
      'bytes beyond the file',
      safetensors({ a: row([8], [0, 32]) }),
      'wrong file size (tensors end at byte 32, file has 16)',
    ],
    [
      'a size that does not match the shape',
      safetensors({ a: row([3], [0, 16]) }),
      'tensor a: data size does not match f32 [3] (found 16 bytes, expected 12)',
    ],
    ['a negative size', safetensors({ a: row([-4], [0, 16]) }), 'missing or invalid shape or data_offsets'],
    [
      'offsets backwards',
      safetensors({ a: row([4], [16, 0]) }),
      'tensor a: data size does not match f32 [4] (found -16 bytes, expected 16)',
    ],
    [
      'offsets of three',
      safetensors({ a: row([4], [0, 16, 16]) }),
      'missing or invalid shape or data_offsets',
    ],
    [
      'an unknown type',
      safetensors({ a: row([4], [0, 16], 'F8_E4M3') }),
      'unsupported element type "F8_E4M3"',
    ],
    ['a type that is not text', safetensors({ a: row([4], [0, 16], {}) }), 'unsupported element type {}'],
    ['a tensor that is null', safetensors({ a: null }), 'missing or invalid shape or data_offsets'],
    ['metadata that is not text', safetensors({ __metadata__: { a: 1 } }, 0), 'values must be strings'],
  ])('%s', async (_, bytes, message) => {
    expect(await refusal(open(bytes))).toContain(message)
  })
})

test('refuses a file that shrinks while it is open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shrink-'))
  const path = join(folder, 'x.pt')
  await writeFile(path, torchZip(torchPickle()))
  const weights = await openCheckpoint(path)
  await writeFile(path, 'short')
  expect(await refusal(weights.tensors.get('w')!.read())).toContain('while being read')
  await weights.close()
  await rm(folder, { recursive: true })
})

test('refuses legacy storages whose size differs from the pickle', async () => {
  const good = await readFile(fixture('legacy.pt'))
  const weights = await open(good)
  const first = [...weights.tensors.values()].reduce((a, b) => (a.offset < b.offset ? a : b))
  const bytes = Buffer.from(good)
  bytes.writeBigUInt64LE(2n ** 40n, first.offset - 8)
  expect(await refusal(open(bytes))).toMatch(/wrong number of elements \(found 1099511627776, expected \d+\)/)
  expect((await readZip(bytesSource('x', torchZip(torchPickle())))).size).toBe(2)
})
