// Gives the tests' processes a Vulkan driver in software, so that the GPU path runs on any Linux machine:
// the npm package @sparticuz/chromium carries the Vulkan loader and SwiftShader.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromiumPath } from './e2e/stage/chromium.ts'

/** Set for the tests' processes before they start: a loader looks at LD_LIBRARY_PATH only then. */
export default async function setup(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return
  const { default: chromium } = await import('@sparticuz/chromium')
  const folder = dirname(await chromium.executablePath())
  const driver = join(folder, 'vk_swiftshader_icd.json')
  if (!existsSync(driver))
    throw new Error(`${driver} is missing: @sparticuz/chromium unpacked without graphics`)
  Object.assign(process.env, {
    // Unpacked already: not again in the temporary folder of each run, which is set after this.
    DIGIT_CHROMIUM: await chromiumPath(),
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
  })
}
