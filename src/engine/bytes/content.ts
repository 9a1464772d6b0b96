// What a file is, by its first bytes: a reader that refuses a file names the cause with it, such as a Git LFS pointer
// or an error page that was saved instead of the download.
import type { Source } from './source.ts'

/** Bytes that `knownContent` needs of a file. */
export const CONTENT_BYTES = 512

/** Parquet; the reader of such files says more of one that is damaged. */
export const TABLE = 'a Parquet table'
const ARCHIVE = 'a zip archive (.npz, .pt or other)'

interface Content {
  /** Continues `found ...` in an error. */
  readonly words: string
  readonly image?: true
  /** Nobody saves such a file: it stands in for another. */
  readonly instead?: true
  is(head: Buffer, size: number): boolean
}

const starts =
  (...signatures: readonly string[]) =>
  (head: Buffer): boolean =>
    signatures.some((signature) => head.subarray(0, signature.length).toString('latin1') === signature)
const matches =
  (pattern: RegExp) =>
  (head: Buffer): boolean =>
    pattern.test(head.toString('latin1'))

/** The first row that fits says it. */
const CONTENTS: readonly Content[] = [
  { words: 'an empty file', instead: true, is: (_, size) => size === 0 },
  {
    words: 'zeros (an unfinished download or copy)',
    instead: true,
    is: (head, size) => head.length >= Math.min(16, size) && head.every((byte) => byte === 0),
  },
  {
    words: 'a Git LFS pointer instead of the file; run "git lfs pull"',
    instead: true,
    is: starts('version https://git-lfs', 'version https://hawser'),
  },
  {
    words: 'a git-annex pointer instead of the file; run "git annex get"',
    instead: true,
    is: matches(/^(\.\.\/)*(\.git)?\/?annex\/objects\//),
  },
  {
    words: 'an HTML page, probably an error page instead of the download',
    instead: true,
    is: matches(/^(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body)\b/i),
  },
  {
    words: 'an XML text, probably an error message instead of the download',
    instead: true,
    is: matches(/^(\xef\xbb\xbf)?\s*<(\?xml|error)\b/i),
  },
  { words: 'a JPEG image', image: true, is: starts('\xff\xd8\xff') },
  { words: 'a PNG image', image: true, is: starts('\x89PNG\r\n') },
  { words: 'a GIF image', image: true, is: starts('GIF87a', 'GIF89a') },
  { words: 'a WebP image', image: true, is: matches(/^RIFF[^]{4}WEBP/) },
  { words: 'a TIFF image', image: true, is: starts('II*\0', 'MM\0*') },
  { words: 'an AVIF or HEIF image', image: true, is: matches(/^[^]{4}ftyp(avif|heic|mif1)/) },
  {
    words: 'a BMP image',
    image: true,
    is: (head) => starts('BM')(head) && head.subarray(15, 18).every((byte) => byte === 0),
  },
  { words: 'a PNM image', image: true, is: matches(/^P[1-6][\s#]/) },
  { words: 'a NumPy array (.npy)', is: starts('\x93NUMPY') },
  { words: ARCHIVE, is: starts('PK\x03\x04', 'PK\x05\x06') },
  { words: TABLE, is: starts('PAR1') },
  { words: 'an HDF5 file', is: starts('\x89HDF\r\n') },
  { words: 'a PDF document', is: starts('%PDF-') },
  { words: 'a gzip archive', is: starts('\x1f\x8b') },
  { words: 'an xz archive', is: starts('\xfd7zXZ\0') },
  { words: 'a bzip2 archive', is: starts('BZh') },
  { words: 'a Zstandard archive', is: starts('\x28\xb5\x2f\xfd') },
  { words: 'a 7z archive', is: starts('7z\xbc\xaf\x27\x1c') },
  { words: 'a tar archive', is: matches(/^[^]{257}ustar/) },
  { words: 'the start of a truncated safetensors file', instead: true, is: isCutSafetensors },
  { words: 'a Python pickle', is: starts('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05') },
]

/** Content that no text of this program starts with; undefined for text and for anything else. */
export const knownContent = (head: Uint8Array, size: number): string | undefined => rowOf(head, size)?.words

/** The same, except for the formats of images: of one that cannot be decoded, its name is not the reason. */
export function otherThanImage(head: Uint8Array, size: number): string | undefined {
  const found = rowOf(head, size)
  return found?.image ? undefined : found?.words
}

/** Whether the content stands in for a lost file, or is the archive that checkpoints are. */
export function isLostFile(head: Uint8Array, size: number): boolean {
  const found = rowOf(head, size)
  return found?.instead === true || found?.words === ARCHIVE
}

/** What to name in any case: known content, the beginning of a text, or the first bytes. */
export function contentWords(head: Uint8Array, size: number): string {
  const known = knownContent(head, size)
  if (known !== undefined) return known
  const start = Buffer.from(head.subarray(0, 40))
    .toString('latin1')
    .split(/[\r\n]/, 1)[0]!
  return /^[\x20-\x7e\t]+$/.test(start)
    ? `a text that starts with ${JSON.stringify(start)}`
    : `a file that starts with ${Buffer.from(head.subarray(0, 8)).toString('hex')}`
}

/** The first bytes of a source, as the functions above take them. */
export const headOf = (source: Source): Promise<Uint8Array> =>
  source.read(0, Math.min(CONTENT_BYTES, source.size))

/** What a source contains, in words. */
export const contentOf = async (source: Source): Promise<string> =>
  contentWords(await headOf(source), source.size)

function rowOf(head: Uint8Array, size: number): Content | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, CONTENT_BYTES))
  return CONTENTS.find(({ is }) => is(bytes, size))
}

/** The length of a JSON header, longer than the file. */
function isCutSafetensors(head: Buffer, size: number): boolean {
  if (head.length < 16 || !/^\{"[^"]{1,200}"\s*:/.test(head.toString('latin1', 8))) return false
  return head.readBigUInt64LE(0) > BigInt(size - 8)
}
