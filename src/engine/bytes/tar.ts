// Headers of tar archives, in the POSIX form `ustar` (IEEE Std 1003.1, pax): 512 bytes before each file, whose content is
// padded to 512 bytes; two blocks of zeros end the archive.

export const BLOCK = 512
/** Bytes that a content of this size takes. */
export const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK

/** A file of an archive: its name, the length of its content, and whether it is a regular file. */
export interface TarHeader {
  readonly name: string
  readonly size: number
  readonly isFile: boolean
}

const CHECKSUM = { from: 148, to: 156 } as const
const NAME_BYTES = 100

/** Header of a regular file, without owner and time. Throws RangeError for a name of more than 100 bytes. */
export function tarHeader(name: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK)
  const text = (words: string, at: number) => header.set(new TextEncoder().encode(words), at)
  const octal = (value: number, at: number, digits: number) =>
    text(value.toString(8).padStart(digits, '0'), at)
  if (new TextEncoder().encode(name).length > NAME_BYTES)
    throw new RangeError(`${name}: name too long for a tar archive`)
  text(name, 0)
  octal(0o644, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(0, 136, 11)
  text('0', 156)
  text('ustar\x0000', 257)
  text(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM.from)
  return header
}

/** Undefined for the end of an archive, or anything else that is not a header. */
export function readTarHeader(block: Uint8Array): TarHeader | undefined {
  const text = (from: number, bytes: number) =>
    new TextDecoder('latin1').decode(block.subarray(from, from + bytes)).replace(/\0.*$/s, '')
  const octal = (from: number, bytes: number) => Number.parseInt(text(from, bytes).trim(), 8)
  if (block.length < BLOCK || octal(CHECKSUM.from, 8) !== checksumOf(block)) return undefined
  const [size, prefix, kind] = [octal(124, 12), text(345, 155), block[156]!]
  if (!Number.isSafeInteger(size) || size < 0) return undefined
  const name = prefix === '' ? text(0, NAME_BYTES) : `${prefix}/${text(0, NAME_BYTES)}`
  return { name, size, isFile: kind === 0 || kind === 0x30 }
}

/** The sum of all bytes, those of the checksum itself taken as spaces. */
function checksumOf(header: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= CHECKSUM.from && i < CHECKSUM.to ? 0x20 : header[i]!
  return sum
}
