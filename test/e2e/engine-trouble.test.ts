// The page of a window whose engine cannot start: the shell's bridge is played by a script.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { contentType } from '../../src/shared/contract/page-security.ts'
import type { EngineTrouble } from '../../src/shared/contract/desktop.ts'
import { BUILT } from '../built.ts'
import { launchChromium } from './stage/chromium.ts'

const ADDRESS = 'http://localhost'
const TROUBLE: EngineTrouble = {
  message: 'exit code 1: Error: libvips.so.42: cannot open shared object file',
  lines: ['Error: libvips.so.42: cannot open shared object file', '    at Module._load'],
  log: '/logs/engine.log',
}
let browser: Browser
beforeAll(async () => (browser = await launchChromium()))
afterAll(() => browser?.close())

it('an engine that cannot start is shown with its reason, its last lines and its log', async () => {
  const page = await browser.newPage()
  await page.route(`${ADDRESS}/**`, (route) => {
    const path = join(BUILT.page, new URL(route.request().url()).pathname)
    return route.fulfill({ body: readFileSync(path), contentType: contentType(path) })
  })
  await page.addInitScript(`window.digit = {
    requestPort() {},
    onEngineTrouble: (listener) => (window.tell = listener),
  }`)
  await page.goto(`${ADDRESS}/index.html`)
  await page.getByText('Connecting to the engine').waitFor()
  await page.evaluate(`tell(${JSON.stringify(TROUBLE)})`)
  await page.getByRole('heading', { name: 'The engine cannot start' }).waitFor()
  const text = await page.getByRole('main').innerText()
  for (const part of [TROUBLE.message, ...TROUBLE.lines, TROUBLE.log]) expect(text).toContain(part.trim())
  await page.evaluate('tell(undefined)')
  await page.getByText('Connecting to the engine').waitFor()
})
