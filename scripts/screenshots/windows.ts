// The windows for pictures, and how a picture is written.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

/** Maximum size of a picture in docs, in bytes. */
export const DOCS_LIMIT = 150_000
const DOCS_QUALITIES = [90, 80, 70, 60, 50]

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
  { width: 720, height: 450 },
] as const

export interface Window {
  /** `1440-light`. */
  readonly name: string
  readonly size: { readonly width: number; readonly height: number }
  readonly scheme: 'light' | 'dark'
}

export const WINDOWS: readonly Window[] = SIZES.flatMap((size) =>
  (['light', 'dark'] as const).map((scheme) => ({ name: `${size.width}-${scheme}`, size, scheme })),
)

/** Sets the tab to the size and color scheme of this window. */
export async function takeShape(tab: Page, { size, scheme }: Window): Promise<void> {
  await tab.emulateMedia({ colorScheme: scheme })
  await tab.setViewportSize(size)
}

/** Writes the tab as `FOLDER/NAME.png`. */
export async function savePng(tab: Page, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await sharp(await tab.screenshot())
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toFile(join(folder, `${name}.png`))
}

/** Writes the tab as `FOLDER/NAME.webp`, at the best quality that DOCS_LIMIT allows. */
export async function saveForDocs(tab: Page, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const picture = sharp(await tab.screenshot())
  for (const quality of DOCS_QUALITIES) {
    const bytes = await picture.clone().webp({ quality, smartSubsample: true, effort: 6 }).toBuffer()
    if (bytes.length > DOCS_LIMIT) continue
    return writeFileSync(join(folder, `${name}.webp`), bytes)
  }
  throw new Error(`${name}: the picture is too large for docs (expected at most ${DOCS_LIMIT} bytes)`)
}
