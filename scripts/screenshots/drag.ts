// A file from the desktop, dragged over the window.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

/** Drags a PNG over the window and, if a zone is given, drops it there. */
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
