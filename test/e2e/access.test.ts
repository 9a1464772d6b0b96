// A page and its server: the access token that is taken from the printed address, kept over a restart and given to
// nobody else, and what of the workspace cannot be read.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWebHost, type WebHost } from '../../src/cli/serve/host.ts'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { launchChromium } from './stage/chromium.ts'

const folder = temporaryFolder()
const open = (port: number) =>
  openWebHost({
    port,
    page: BUILT.page,
    engineModule: BUILT.engine,
    engine: { models: [], workspace: join(folder.path, 'workspace') },
  })
let host: WebHost
let browser: Browser
beforeAll(async () => {
  host = await open(0)
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  await host.close()
})

it('a record that cannot be read is named on the page', async () => {
  folder.write('workspace/favourites.json', '{"schema": 1}')
  const tab = await (await browser.newContext()).newPage()
  await tab.goto(`${host.address}#/evaluate`)
  await tab.getByText('1 record left out: cannot be read').click()
  await tab.getByText('favourites.json', { exact: true }).waitFor()
  await tab.context().close()
})

const status = (tab: Page, text: string) =>
  tab.getByRole('status').filter({ hasText: text }).waitFor({ timeout: 120_000 })

it('a page without a token names the address to open, and takes the token from it', async () => {
  const tab = await (await browser.newContext()).newPage()
  await tab.goto(`http://127.0.0.1:${host.port}/`)
  await tab.getByText('This page has no access').waitFor({ timeout: 120_000 })
  await tab.goto(`${host.address}#/library`)
  await status(tab, 'Connected')
  expect(new URL(tab.url()).hash).toBe('#/library')
  const other = await tab.context().newPage()
  await other.goto(`http://127.0.0.1:${host.port}/`)
  await status(other, 'Connected')
  await tab.context().close()
})

it('an open page reconnects to a restarted server, and another server on this machine gets no token', async () => {
  const heard: string[] = []
  const stranger = createServer(({ headers, url }, response) => {
    heard.push(JSON.stringify([url, headers]))
    response.setHeader('Set-Cookie', `digit-${host.port}=stolen`).end('')
  })
  await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening))
  const context = await browser.newContext()
  const tab = await context.newPage()
  await tab.goto(host.address)
  await status(tab, 'Connected')
  const visit = await context.newPage()
  await visit.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`)
  const token = new URL(host.address).hash.slice('#token='.length)
  expect(heard.length).toBeGreaterThan(0)
  expect(heard.filter((request) => request.includes(token))).toEqual([])
  await host.close()
  await status(tab, 'Connection lost')
  host = await open(host.port)
  await status(tab, 'Connected')
  stranger.close()
  await context.close()
})
