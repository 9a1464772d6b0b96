// A Chromium to drive: DIGIT_CHROMIUM, else an installed one, else the one that @sparticuz/chromium carries.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const INSTALLED = [
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Path of its program. Rejects where the package has none for this platform. */
export async function chromiumPath(): Promise<string> {
  const installed = process.env.DIGIT_CHROMIUM ?? INSTALLED.find((path) => existsSync(path))
  return installed ?? (await import('@sparticuz/chromium')).default.executablePath()
}

/** Starts it without a window. The sandbox is off: test containers do not allow one. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumPath(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  })
}
