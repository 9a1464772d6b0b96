// A display list -> a PDF of one page: text and lines as vectors, images at the chosen dpi, embedded fonts. No dates,
// no random ids: the same list gives the same bytes. Reference: PDF 1.7, 7.5 "File Structure".
import { deflateSync } from 'node:zlib'
import { APP } from '../../shared/app.ts'
import { RequestError } from '../../shared/errors.ts'
import type { DisplayList, Face, ImageItem } from '../../shared/figures/display.ts'
import type { Figure } from '../../shared/figures/figure.ts'
import { number } from '../../shared/figures/svg.ts'
import type { FontSet } from './fonts.ts'
import { itemKey, paintAt, type PictureFiles } from './paint.ts'
import { contentStream, FONT_NAMES } from './pdf-content.ts'
import { fontObjects, type PdfObject } from './pdf-font.ts'
import { filteredRows } from './row-filter.ts'

/** The cross-reference table has ten digits for an offset. */
const MAX_BYTES = 10 ** 10 - 1
/** Objects before fonts and images: catalog, pages, page, content, information. */
const FIRST_FREE = 6

/** The bytes of the file in pieces, with one image in memory at a time. */
export async function* pdfBytes(
  list: DisplayList,
  { dpi, enlarge }: Pick<Figure, 'dpi' | 'enlarge'>,
  fonts: FontSet,
  files: PictureFiles,
): AsyncGenerator<Uint8Array> {
  const letters = usedLetters(list)
  const fontIds = new Map<Face, number>()
  const objects: PdfObject[] = []
  for (const [face, characters] of letters) {
    const id = FIRST_FREE + objects.length
    fontIds.set(face, id)
    objects.push(...fontObjects(fonts.face(face), characters, id))
  }
  const images = new Map<string, ImageItem>()
  for (const item of list.items) if (item.kind === 'image') images.set(itemKey(item), item)
  const firstImage = FIRST_FREE + objects.length
  const imageIds = new Map([...images.keys()].map((key, i) => [key, firstImage + i] as const))
  const imageName = (item: ImageItem): string => `X${imageIds.get(itemKey(item))}`

  const file = pdfFile()
  yield file.text('%PDF-1.5\n%\u00e2\u00e3\u00cf\u00d3\n')
  const content = contentStream(list.items, list.height, fonts, imageName)
  yield* file.object(1, { dictionary: '/Type /Catalog /Pages 2 0 R' })
  yield* file.object(2, { dictionary: '/Type /Pages /Kids [3 0 R] /Count 1' })
  yield* file.object(3, { dictionary: pageDictionary(list, fontIds, imageIds) })
  yield* file.object(4, {
    dictionary: '/Filter /FlateDecode',
    stream: deflateSync(Buffer.from(content, 'latin1')),
  })
  yield* file.object(5, { dictionary: `/Producer (${APP.name} ${APP.version})` })
  for (const [i, object] of objects.entries()) yield* file.object(FIRST_FREE + i, object)
  for (const [key, item] of images) {
    const { rgb, width, height } = await paintAt(item, dpi, enlarge, files)
    yield* file.object(imageIds.get(key)!, {
      dictionary: `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${width} >>`,
      stream: deflateSync(filteredRows(rgb, width)),
    })
  }
  yield file.end()
}

/** All characters used, by face. */
function usedLetters({ items }: DisplayList): ReadonlyMap<Face, ReadonlySet<string>> {
  const used = new Map<Face, Set<string>>()
  for (const item of items) {
    if (item.kind !== 'text') continue
    const characters = used.get(item.face) ?? new Set()
    for (const character of item.text) characters.add(character)
    used.set(item.face, characters)
  }
  return used
}

function pageDictionary(
  { width, height }: DisplayList,
  fontIds: ReadonlyMap<Face, number>,
  imageIds: ReadonlyMap<string, number>,
): string {
  const fonts = [...fontIds].map(([face, id]) => `/${FONT_NAMES[face]} ${id} 0 R`).join(' ')
  const images = [...imageIds.values()].map((id) => `/X${id} ${id} 0 R`).join(' ')
  return `/Type /Page /Parent 2 0 R /MediaBox [0 0 ${number(width)} ${number(height)}] /Resources << /Font << ${fonts} >> /XObject << ${images} >> >> /Contents 4 0 R`
}

/** Counts bytes as they are written, for the table of offsets at the end. */
function pdfFile() {
  const places: number[] = []
  let at = 0
  const counted = (bytes: Uint8Array): Uint8Array => {
    at += bytes.length
    if (at > MAX_BYTES) throw new RequestError('PDF too large (maximum 10 GB); lower the dpi')
    return bytes
  }
  const text = (value: string): Uint8Array => counted(Buffer.from(value, 'latin1'))
  return {
    text,
    *object(id: number, { dictionary, stream }: PdfObject): Generator<Uint8Array> {
      places[id] = at
      if (!stream) return void (yield text(`${id} 0 obj\n<< ${dictionary} >>\nendobj\n`))
      yield text(`${id} 0 obj\n<< ${dictionary} /Length ${stream.length} >>\nstream\n`)
      yield counted(stream)
      yield text('\nendstream\nendobj\n')
    },
    end(): Uint8Array {
      const start = at
      const rows = places.slice(1).map((place) => `${String(place).padStart(10, '0')} 00000 n \n`)
      return text(
        `xref\n0 ${places.length}\n0000000000 65535 f \n${rows.join('')}trailer\n<< /Size ${places.length} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${start}\n%%EOF\n`,
      )
    },
  }
}
