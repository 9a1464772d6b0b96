import { mkdtemp, readFile, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isGenerateText } from '../../../src/engine/tokens/generate-text.ts'
import { bytesSource, openFile, readNpz, type Source } from '../../../src/engine/bytes/index.ts'
import {
  codecsLine,
  readCodecs,
  writeCodecs,
  type CodecsOptions,
  type CodecsSample,
} from '../../../src/engine/tokens/codecs.ts'

const reference = join(import.meta.dirname, '../../fixtures/official-tiny/reference')
const text = (content: string): Source => bytesSource('x.codecs', Buffer.from(content))
async function read(source: Source, options?: CodecsOptions): Promise<CodecsSample[]> {
  const samples: CodecsSample[] = []
  for await (const sample of readCodecs(source, options)) samples.push(sample)
  return samples
}

describe('readCodecs', () => {
  test('reads a file of the original code: its ids are the tokens of the images', async () => {
    const [source, archive] = await Promise.all(
      ['stage1.codecs', 'reference.npz'].map((name) => openFile(join(reference, name))),
    )
    const samples = await read(source!)
    const tokens = (await readNpz(archive!, ['sem_tokens'])).get('sem_tokens')!
    await Promise.all([source!.close(), archive!.close()])
    expect(samples.map(({ line }) => line)).toEqual(samples.map((_, i) => i + 1))
    expect(samples.flatMap(({ ids }) => [...ids])).toEqual(Array.from(tokens.data, Number))
  })

  test('accepts any line ends and blanks, and a missing last newline', async () => {
    const samples = await read(text('1 2 3\r\n 4\t5  6 \n7 8 9'), { length: 3 })
    expect(samples.map(({ ids }) => [...ids])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
  })

  test.each([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeff1 2 3\n4 5 6\n')],
    ['UTF-16', Buffer.from('\ufeff1 2 3\r\n4 5 6\r\n', 'utf16le')],
  ])('reads %s, as PowerShell writes it', async (_, bytes) => {
    const samples = await read(bytesSource('x.codecs', bytes), { length: 3 })
    expect(samples.flatMap(({ ids }) => [...ids])).toEqual([1, 2, 3, 4, 5, 6])
    expect(await isGenerateText(bytesSource('x.codecs', bytes))).toBe(false)
  })

  test('names another kind of file', async () =>
    expect(read(text('version https://git-lfs.github.com/spec/v1\n'))).rejects.toThrow(
      'x.codecs: not a text of tokens (found a Git LFS pointer',
    ))

  test.each([
    ['too few', '1 2 3\n1 2\n', 'x.codecs, line 2: wrong number of tokens (found 2, expected 3)'],
    [
      'too many, as of another generator',
      '1 2 3\n1 2 3 4\n',
      'x.codecs, line 2: wrong number of tokens (found 4, expected 3)',
    ],
    ['blank line', '1 2 3\n\n1 2 3\n', 'x.codecs, line 2: wrong number of tokens (found 0, expected 3)'],
    ['unknown symbol', '1 <unk> 3\n', "x.codecs, line 1: token 2: not an id (found '<unk>')"],
    ['negative', '1 -2 3\n', "x.codecs, line 1: token 2: not an id (found '-2')"],
    ['fraction', '1 2.0 3\n', "x.codecs, line 1: token 2: not an id (found '2.0')"],
    ['beyond 31 bits', '1 2147483648 3\n', "x.codecs, line 1: token 2: not an id (found '2147483648')"],
    [
      'outside the vocabulary',
      '1 2 3\n1 2 16\n',
      'x.codecs, line 2: token 3: out of range (found 16, vocabulary size 16)',
    ],
    ['not text', '\0\x01\x02', 'x.codecs, line 1: wrong number of tokens (found 1, expected 3)'],
  ])('reports the line of an error: %s', async (_, content, message) => {
    await expect(read(text(content), { length: 3, vocabulary: 16 })).rejects.toThrow(message)
  })

  test('refuses a file without line ends after a few blocks, before it fills the memory', async () => {
    let reads = 0
    const endless: Source = {
      name: 'endless',
      size: 2 ** 40,
      read: async (start, end) => (reads++, new Uint8Array(end - start).fill(49)),
      close: async () => {},
    }
    await expect(read(endless)).rejects.toThrow('endless, line 1: line too long (maximum 1048576 bytes)')
    expect(reads).toBeLessThan(10)
  })
})

describe('writeCodecs', () => {
  test('writes a file that it read, byte for byte', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'codecs-'))
    const original = await readFile(join(reference, 'stage1.codecs'))
    const samples = await read(bytesSource('stage1', original))
    const path = join(folder, 'copy.codecs')
    await writeCodecs(
      path,
      samples.map(({ ids }) => ids),
    )
    expect((await readFile(path, 'utf8')).trimEnd()).toBe(original.toString().trimEnd())
  })

  test('writes more lines than fit into a block, and leaves no file after a failure', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'codecs-'))
    const path = join(folder, 'many.codecs')
    const rows = Array.from({ length: 3000 }, (_, i) =>
      Int32Array.from({ length: 256 }, (_, j) => (i * 256 + j) % 8192),
    )
    await writeCodecs(path, rows)
    const source = await openFile(path)
    const samples = await read(source)
    await source.close()
    expect(samples.length).toBe(3000)
    expect(samples[2999]!.ids).toEqual(rows[2999])
    await expect(writeCodecs(join(folder, 'bad.codecs'), [[1, -1]])).rejects.toThrow(
      'token 2: not an id (found -1)',
    )
    expect(await readdir(folder)).toEqual(['many.codecs'])
  })

  test('writes one sample as one line', () => expect(codecsLine([3, 0, 8191])).toBe('3 0 8191'))
})
