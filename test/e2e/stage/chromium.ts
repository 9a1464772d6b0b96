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

/** Starts it without a window. The sandbox is off: test containers do not allow one. */
export async function launchChromium(): Promise<Browser> {
  const installed = process.env.DIGIT_CHROMIUM ?? INSTALLED.find((path) => existsSync(path))
  const executablePath = installed ?? (await (await import('@sparticuz/chromium')).default.executablePath())
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'],
  })
}
