// PGM and PPM -> RGB pixels, as Pillow reads them (PpmImagePlugin.py): P2 and P3 as text, P5 and P6 as bytes, with
// comments, and any largest value up to 65535.
import { checkSize, type RgbImage } from './rgb-image.ts'

const MAX_TOKEN = 10
const MAX_LEVEL = 65535
const CHANNELS: { readonly [magic: string]: number } = { P2: 1, P3: 3, P5: 1, P6: 3 }

export const isPnm = (bytes: Uint8Array): boolean => magicOf(bytes) in CHANNELS && isBlank(bytes[2])

const HASH = 0x23
const magicOf = (bytes: Uint8Array) => String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0)
/** Space, tab, line feed, vertical tab, form feed, carriage return. */
const isBlank = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13)

/** Throws an Error with the problem, without the file. */
export function decodePnm(bytes: Uint8Array): RgbImage {
  const magic = magicOf(bytes)
  const channels = CHANNELS[magic]!
  const text = tokens(bytes, 2)
  const [width, height, largest] = [text.next(), text.next(), text.next()]
  checkSize(width, height)
  if (largest < 1 || largest > MAX_LEVEL)
    throw new Error(`${magic}: invalid largest value (found ${largest}, expected 1 to ${MAX_LEVEL})`)
  const levels = levelsOf(channels, largest)
  const count = width * height * channels
  const isText = magic === 'P2' || magic === 'P3'
  const start = text.position()
  const wide = largest > 255
  // A digit and a blank at least; the last blank may be missing.
  const needed = isText ? 2 * count - 1 : wide ? 2 * count : count
  if (bytes.length - start < needed)
    throw new Error(`${magic}: truncated (found ${bytes.length - start} bytes of pixels, expected ${needed})`)
  const rgb = new Uint8Array(width * height * 3)
  const write = (i: number, value: number) => {
    if (channels === 3) rgb[i] = levels(value)
    else rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = levels(value)
  }
  if (isText) {
    for (let i = 0; i < count; i++) {
      const value = text.next()
      if (value > largest) throw new Error(`${magic}: value too large (found ${value}, maximum ${largest})`)
      write(i, value)
    }
    return { rgb, width, height }
  }
  for (let i = 0; i < count; i++)
    write(i, wide ? bytes[start + 2 * i]! * 256 + bytes[start + 2 * i + 1]! : bytes[start + i]!)
  return { rgb, width, height }
}

/**
 * A value to a byte. Gray of 16 bits is scaled to 65535 and reduced to the high byte, as in a PNG; Pillow would clip it
 * to white.
 */
function levelsOf(channels: number, largest: number): (value: number) => number {
  if (largest === 255) return (value) => value
  if (channels === 1 && largest > 255)
    return (value) => Math.min(MAX_LEVEL, halfToEven((value / largest) * MAX_LEVEL)) >> 8
  return (value) => Math.min(255, halfToEven((value / largest) * 255))
}

/** Python's `round`. */
function halfToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1
}

/** Whole numbers between blanks; a comment from `#` to the end of its line is skipped. */
function tokens(bytes: Uint8Array, start: number) {
  let at = start
  return {
    /** Behind the blank that ended the last number. */
    position: () => at,
    next(): number {
      let word = ''
      for (; at < bytes.length; at++) {
        const byte = bytes[at]!
        if (byte === HASH) while (at + 1 < bytes.length && !isLineEnd(bytes[at]!)) at++
        else if (!isBlank(byte)) word += String.fromCharCode(byte)
        else if (word !== '') break
        if (word.length > MAX_TOKEN) break
      }
      at++
      if (!/^\d{1,10}$/.test(word))
        throw new Error(
          word === '' ? 'truncated (a number is missing)' : `not a number (found ${JSON.stringify(word)})`,
        )
      return Number(word)
    },
  }
}

const isLineEnd = (byte: number) => byte === 10 || byte === 13
