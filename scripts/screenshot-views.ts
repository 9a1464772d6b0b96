// The windows that pictures for docs/screenshots are taken in: light and dark, large and small.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import type { Workbench } from '../test/e2e/workbench.ts'

const FOLDER = process.env.DIGIT_SCREENSHOTS ?? 'docs/screenshots'
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]

export interface View {
  /** `1440-light`. */
  readonly name: string
  readonly page: Page
}

/** Opens every window at this address. */
export const openViews = (workbench: Workbench, address: string): Promise<View[]> =>
  Promise.all(
    SIZES.flatMap((viewport) =>
      (['light', 'dark'] as const).map(async (colorScheme) => ({
        name: `${viewport.width}-${colorScheme}`,
        page: await workbench.visit(address, { viewport, colorScheme }),
      })),
    ),
  )

/** Writes `NAME-1440-light.png` and so on. */
export async function savePicture(name: string, view: View): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  await sharp(await view.page.screenshot())
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toFile(join(FOLDER, `${name}-${view.name}.png`))
}

/** Drags a file over the window and, where a zone is named, drops it there. */
export async function drag(page: Page, file: string, zone?: string): Promise<void> {
  const content = JSON.stringify(readFileSync(file).toString('base64'))
  const dataTransfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    const bytes = Uint8Array.from(atob(${content}), (letter) => letter.charCodeAt(0))
    transfer.items.add(new File([bytes], 'picture.png', { type: 'image/png' }))
    return transfer
  })()`)
  await page.dispatchEvent('body', 'dragenter', { dataTransfer })
  if (zone !== undefined)
    await page.getByRole('region', { name: zone }).dispatchEvent('drop', { dataTransfer })
}
