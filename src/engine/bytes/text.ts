// Text from any system: UTF-8, with or without a byte order mark, and UTF-16 as PowerShell writes it.
import { readFile } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import { FormatError } from '../../shared/errors.ts'
import { knownContent } from './content.ts'

const MARKS = [
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
] as const

/** Decodes by the byte order mark at the start of a file, which it skips. @param otherwise without a mark */
export function textDecoder(head: Uint8Array, otherwise: 'utf-8' | 'latin1' = 'utf-8'): TextDecoder {
  const mark = MARKS.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte))
  return new TextDecoder(mark?.encoding ?? otherwise)
}

/** @param name of the file, for errors @throws FormatError for content that is not text: a page, a pointer, binary data */
export function bytesToText(bytes: Uint8Array, name: string): string {
  const known = bytes.length === 0 ? undefined : knownContent(bytes, bytes.length)
  if (known !== undefined) throw new FormatError(name, `not a text file (found ${known})`)
  return textDecoder(bytes).decode(bytes)
}

/** A text file that other programs may have written. Rejects as `readFile` does, and with FormatError. */
export const readTextFile = async (path: string, name = path): Promise<string> =>
  bytesToText(await readFile(path), name)
