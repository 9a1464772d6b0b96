// Rows on disk: those before the first that is damaged are kept, the others are made again.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRowFile } from '../../../src/engine/records/row-file.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const [ROWS, WIDTH, HEAD, ROW_BYTES] = [5, 3, 128, 12]
const VALUES = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => i + 1)
let files = 0

async function written(): Promise<string> {
  const path = join(folder.path, `${files++}.npy`)
  const file = await openRowFile(path, 'f32', ROWS, WIDTH)
  await file.append(VALUES.subarray(0, 2 * WIDTH))
  await file.append(VALUES.subarray(2 * WIDTH))
  await file.close()
  return path
}
const changed = (path: string, change: (bytes: Buffer) => Uint8Array) =>
  writeFileSync(path, change(readFileSync(path)))
const flip = (at: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1
  return bytes
}

const DAMAGED: readonly [string, (path: string) => void, number][] = [
  ['not at all', () => {}, 5],
  ['a byte of row 2', (path) => changed(path, flip(HEAD + 2 * ROW_BYTES + 5)), 2],
  ['a byte of the header', (path) => changed(path, flip(7)), 0],
  ['a byte of the digest of row 3', (path) => changed(`${path}.sha256`, flip(3 * 32)), 3],
  ['cut in row 4', (path) => changed(path, (bytes) => bytes.subarray(0, HEAD + 4 * ROW_BYTES + 1)), 4],
  ['its digests cut', (path) => changed(`${path}.sha256`, (bytes) => bytes.subarray(0, 33)), 1],
  ['emptied', (path) => writeFileSync(path, ''), 0],
  ['without digests', (path) => rmSync(`${path}.sha256`), 0],
  [
    'rows 1 and 2 exchanged',
    (path) =>
      changed(path, (bytes) => {
        const row = (i: number) => bytes.subarray(HEAD + i * ROW_BYTES, HEAD + (i + 1) * ROW_BYTES)
        return Buffer.concat([bytes.subarray(0, HEAD), row(0), row(2), row(1), row(3), row(4)])
      }),
    1,
  ],
]
it.each(DAMAGED)('damaged: %s', async (_, damage, good) => {
  const path = await written()
  const whole = readFileSync(path)
  damage(path)
  const file = await openRowFile(path, 'f32', ROWS, WIDTH)
  expect(file.rows).toBe(good)
  await file.cut(good)
  await file.append(VALUES.subarray(good * WIDTH))
  expect(new Float32Array((await file.read(0, ROWS)).buffer)).toEqual(VALUES)
  await file.close()
  expect(readFileSync(path)).toEqual(whole)
})
