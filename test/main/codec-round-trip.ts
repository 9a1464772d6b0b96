// A program of its own: an image through the codec and back as a PNG, and a JPEG. `glib.test.ts` starts it.
import { decodeImage, encodePng } from '../../src/engine/images/codec.ts'

const [side, of] = [32, 251]
const rgb = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7) % of)
const pixels = { rgb, width: side, height: side }

/** 2 x 2 grey pixels, as Pillow writes them. */
const JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAACAAIBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=='

async function roundTrip(): Promise<void> {
  const png = await encodePng(pixels)
  const back = await decodeImage(png)
  if (Buffer.compare(back.rgb, rgb) !== 0) throw new Error('other pixels came back')
  const { width, height } = await decodeImage(Uint8Array.from(Buffer.from(JPEG, 'base64')))
  console.log(`round trip of ${side} x ${side} and ${width} x ${height} pixels`)
}

roundTrip().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
