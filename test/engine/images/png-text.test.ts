import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkPng, decodeImage, pngWithText, readPngText } from '../../../src/engine/images/index.ts'

const png = await readFile(join(import.meta.dirname, '../../fixtures/images/png/rgb.png'))

function withChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])
}

describe('PNG text chunks', () => {
  const entries: [string, string][] = [
    ['digit', JSON.stringify({ seed: 7, tokens1: 'A'.repeat(700) })],
    ['parameters', 'Steps: 256\nclass Käfer'],
    ['note', '猫 and 🐈'],
  ]
  const written = pngWithText(png, entries)

  test('read back as written, with the pixels unchanged', async () => {
    expect([...readPngText(written)]).toEqual(entries)
    expect(await decodeImage(written)).toEqual(await decodeImage(png))
  })

  test('are tEXt for Latin-1 and iTXt otherwise, both before IDAT', () => {
    const layout = Buffer.from(written).toString('latin1')
    const order = ['tEXtdigit\0', 'tEXtparameters\0', 'iTXtnote\0\0\0\0\0', 'IDAT'].map((mark) =>
      layout.indexOf(mark),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBeGreaterThan(0)
    expect(layout).toContain('class K\u00e4fer')
  })

  test('of other programs are read, compressed ones too', () => {
    const packed = deflateSync('long workflow '.repeat(100))
    const zTXt = withChunk('zTXt', Buffer.concat([Buffer.from('workflow\0\0'), packed]))
    const iTXt = withChunk('iTXt', Buffer.concat([Buffer.from('workflow\0\x01\0en\0\0'), packed]))
    for (const file of [zTXt, iTXt])
      expect(readPngText(file).get('workflow')).toBe('long workflow '.repeat(100))
  })

  test.each(['', ' a', 'a ', 'two  spaces', 'x'.repeat(80), '猫', 'new\nline'])(
    'keyword %j is refused',
    (keyword) => {
      expect(() => pngWithText(png, [[keyword, 'text']])).toThrow(RangeError)
    },
  )
})

test('a flipped bit of the pixels is found without decoding them', () => {
  checkPng(png)
  const flipped = Buffer.from(png)
  flipped[png.indexOf('IDAT') + 9]! ^= 1
  expect(() => checkPng(flipped, 'x')).toThrow(/^x, IDAT at byte \d+: checksum mismatch/)
})

describe('bad files', () => {
  const written = Buffer.from(pngWithText(png, [['digit', 'recipe']]))
  const damaged = Buffer.from(written)
  damaged[written.indexOf('recipe')]! ^= 1
  const bomb = Buffer.concat([Buffer.from('b\0\0'), deflateSync(Buffer.alloc(17 * 2 ** 20))])

  test.each<[string, Buffer, RegExp]>([
    ['empty', Buffer.alloc(0), /^x: not a PNG/],
    ['jpeg', Buffer.from([0xff, 0xd8, 0xff]), /^x: not a PNG/],
    [
      'cut in a chunk',
      written.subarray(0, 50),
      /chunk at byte 33 extends past the end of the file \(50 bytes\)/,
    ],
    ['without IEND', written.subarray(0, -12), /extends past the end/],
    ['changed text', damaged, /^x, tEXt at byte 33: checksum/],
    ['no keyword end', withChunk('tEXt', Buffer.from('digit')), /unterminated field/],
    ['iTXt fields missing', withChunk('iTXt', Buffer.from('digit\0\0\0en')), /unterminated field/],
    ['not deflate', withChunk('zTXt', Buffer.from('digit\0\0nonsense')), /cannot be inflated/],
    ['deflate bomb', withChunk('zTXt', bomb), /cannot be inflated/],
    [
      'a million chunks',
      Buffer.concat([
        png.subarray(0, 33),
        Buffer.alloc(12e6, withChunk('tEXt', Buffer.alloc(0)).subarray(33, 45)),
      ]),
      /^x: too many PNG chunks \(maximum 100000\)/,
    ],
    ['no pixels', Buffer.concat([png.subarray(0, 33), png.subarray(-12)]), /no pixel data/],
  ])('%s', (_, bytes, message) => {
    expect(() => readPngText(bytes, 'x')).toThrow(expect.objectContaining({ name: 'FormatError' }) as Error)
    expect(() => readPngText(bytes, 'x')).toThrow(message)
  })
})
