// Labels of a batch that are not class numbers: the images are read, and what was left out is said.
import { expect, it } from 'vitest'
import { encodeNpy } from '../../../../src/engine/bytes/index.ts'
import { openImageSet } from '../../../../src/engine/runs/evaluation/image-set.ts'
import { craftZip } from '../../bytes/craft-zip.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const folder = temporaryFolder()
const IMAGES = encodeNpy({
  data: Uint8Array.from({ length: 3 * 2 * 2 * 3 }, (_, i) => i),
  shape: [3, 2, 2, 3],
})

/** An .npy of text: NumPy's <U3 is three UTF-32 characters an element. */
function textArray(words: readonly string[]): Uint8Array {
  const dictionary = `{'descr': '<U3', 'fortran_order': False, 'shape': (${words.length},), }`
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1')
  const characters = words.flatMap((word) => [...word.padEnd(3, '\0')].map((letter) => letter.charCodeAt(0)))
  return Buffer.concat([head, Buffer.from(Uint32Array.from(characters).buffer)])
}

it.each([
  ['stats.npy', encodeNpy({ data: new Float64Array(4) }), 'a NumPy array (.npy)'],
  ['stats.pkl', Buffer.from('\x80\x04}.', 'latin1'), 'a Python pickle'],
  ['stats.pt', craftZip([{ name: 'a/data.pkl', data: Buffer.from('.') }]), 'a zip archive'],
  ['page.png', Buffer.from('<html>'), 'an HTML page'],
])('%s: statistics and other files that are no images are named', async (name, bytes, found) => {
  const path = folder.write(name, bytes)
  await expect(openImageSet(path)).rejects.toThrow(`${path}: not an image set or statistics (found ${found}`)
})

it('an .npz that is a page is named', async () => {
  const path = folder.write('page.npz', '<!doctype html>')
  await expect(openImageSet(path)).rejects.toThrow('page.npz: not a zip archive (found an HTML page')
})

const LABELS: readonly [string, Uint8Array, readonly number[] | undefined, string?][] = [
  ['numbers', encodeNpy({ data: new BigInt64Array([2n, 0n, 1n]) }), [2, 0, 1]],
  ['text', textArray(['cat', 'dog', 'owl']), undefined, "unsupported element type (found '<U3'"],
  [
    'one-hot',
    encodeNpy({ data: new Float32Array(9), shape: [3, 3] }),
    undefined,
    'wrong shape (found [3, 3], expected [3])',
  ],
  ['too few', encodeNpy({ data: new Int32Array(2) }), undefined, 'wrong shape (found [2], expected [3])'],
  [
    'cut',
    encodeNpy({ data: new Int32Array(3) }).subarray(0, 130),
    undefined,
    'data size does not match i32 [3]',
  ],
]
it.each(LABELS)('labels: %s', async (name, labels, classes, note) => {
  const path = folder.write(
    `${name}.npz`,
    craftZip([
      { name: 'arr_0.npy', data: IMAGES },
      { name: 'arr_1.npy', data: labels },
    ]),
  )
  const set = await openImageSet(path)
  expect([set.count, set.classes]).toEqual([3, classes])
  expect(set.notes).toEqual(
    note === undefined ? [] : [expect.stringContaining(`${path}: no classes (arr_1: ${note}`)],
  )
  expect((await set.image(1))!.rgb[0]).toBe(12)
})
