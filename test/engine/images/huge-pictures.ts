// Pictures that are too large to be read, small on disk.
import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import { MAX_IMAGE_FILE_BYTES } from '../../../src/engine/images/codec.ts'

/** A black PNG of one bit a pixel, `side` x `side`: a whole one, or one whose pixels are missing. */
export function blackPng(side: number, { whole }: { readonly whole: boolean }): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // One bit a pixel, grey.
  header[8] = 1
  const rows = whole ? deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8)))) : Buffer.of()
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.of()),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A file longer than any that is read; it takes no room on disk. */
export function sparseFile(path: string): void {
  const file = openSync(path, 'w')
  ftruncateSync(file, MAX_IMAGE_FILE_BYTES + 1)
  closeSync(file)
}
