// Renders the faces: foregrounds as raw RGBA (premultiplied, 128 x 128), their classes and their parts.
//   node render.mjs OUT --train 2000 --held 200      per style
//   node render.mjs OUT --sheet 12                   only a contact sheet
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createAvatar } from '@dicebear/core'
import * as collection from '@dicebear/collection'
import sharp from 'sharp'
import { STYLES } from './styles.mjs'

sharp.concurrency(1)
const SIDE = 128
const out = process.argv[2]
const number = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}

/** -> premultiplied RGBA of the drawing without background, and the parts it is made of. */
async function draw(style, seed) {
  const { zoom = 1, down = 0, round = false } = style
  const scale = 4 // drawn larger, then reduced: edges as smooth as a picture's
  const inner = Math.round(SIDE * zoom)
  const avatar = createAvatar(collection[style.key], { seed, backgroundColor: ['transparent'], radius: round ? 50 : 0, ...style.options })
  const svg = avatar.toString().replace('<svg ', `<svg width="${inner * 2}" height="${inner * 2}" `)
  let image = sharp(await sharp(Buffer.from(svg), { density: 72 * scale }).resize(inner, inner, { kernel: 'cubic' }).ensureAlpha().png({ compressionLevel: 0 }).toBuffer())
  if (inner < SIDE) {
    const before = (SIDE - inner) >> 1
    const after = SIDE - inner - before
    image = image.extend({ top: before, bottom: after, left: before, right: after, background: { r: 0, g: 0, b: 0, alpha: 0 } })
  } else {
  // a split of no faces is left as it is
    const left = (inner - SIDE) >> 1
    const top = Math.max(0, Math.min(inner - SIDE, left - Math.round(down)))
    image = image.extract({ left, top, width: SIDE, height: SIDE })
  }
  const pixels = await image.raw().toBuffer()
  for (let i = 0; i < pixels.length; i += 4)
    for (let c = 0; c < 3; c++) pixels[i + c] = Math.round((pixels[i + c] * pixels[i + 3]) / 255)
  return { pixels, parts: avatar.toJson().extra }
}

async function write(name, perStyle) {
  const pixels = openSync(join(out, `${name}.rgba`), 'w')
  const parts = []
  const classes = new Uint8Array(perStyle * STYLES.length)
  let at = 0
  for (let i = 0; i < perStyle; i++)
    for (const [id, style] of STYLES.entries()) {
      const drawn = await draw(style, `${name}-${i}`)
      writeSync(pixels, drawn.pixels)
      parts.push(JSON.stringify(drawn.parts))
      classes[at++] = id
      if (at % 1000 === 0) console.log(name, at, 'of', perStyle * STYLES.length)
    }
  closeSync(pixels)
  writeFileSync(join(out, `${name}.classes`), classes)
  writeFileSync(join(out, `${name}.jsonl`), `${parts.join('\n')}\n`)
}

async function sheet(columns) {
  const tiles = []
  for (const [row, style] of STYLES.entries())
    for (let i = 0; i < columns; i++) {
      const { pixels } = await draw(style, `sheet-${i}`)
      for (let p = 0; p < pixels.length; p += 4)
        for (let c = 0; c < 3; c++) pixels[p + c] += Math.round([222, 230, 240][c] * (1 - pixels[p + 3] / 255))
      for (let p = 3; p < pixels.length; p += 4) pixels[p] = 255
      tiles.push({ input: pixels, raw: { width: SIDE, height: SIDE, channels: 4 }, left: i * 130, top: row * 130 })
    }
  const blank = { width: columns * 130, height: STYLES.length * 130, channels: 3, background: '#fff' }
  await sharp({ create: blank }).composite(tiles).png().toFile(join(out, 'sheet.png'))
}

mkdirSync(out, { recursive: true })
if (number('sheet', 0)) await sheet(number('sheet', 0))
else {
  // a split of no faces is left as it is
  writeFileSync(join(out, 'styles.json'), JSON.stringify(STYLES.map((s) => s.name)))
  if (number('held', 200)) await write('held', number('held', 200))
  if (number('train', 2400)) await write('train', number('train', 2400))
}
