// Response times of the workbench: `npm run measure` starts it like a user, with the demo and an empty workspace, opens
// it in a real browser and prints limits and measurements.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { BUDGET, bundleSizes } from '../test/e2e/stage/bundle.ts'
import { launchChromium } from '../test/e2e/stage/chromium.ts'
import { images, startRun, waitForImages } from '../test/e2e/stage/workbench.ts'

const WATCH_FRAMES = `
  globalThis.frameGaps = []
  let last = performance.now()
  requestAnimationFrame(function frame(now) {
    frameGaps.push(now - last)
    last = now
    requestAnimationFrame(frame)
  })`

const folder = mkdtempSync(join(tmpdir(), 'digit-measure-'))
const rows: (readonly [what: string, measured: string, promised: string])[] = []
const add = (what: string, ms: number, promisedMs?: number) =>
  rows.push([
    what,
    `${(ms / 1000).toFixed(2)} s`,
    promisedMs === undefined ? '' : `< ${promisedMs / 1000} s: ${ms < promisedMs ? 'kept' : 'NOT KEPT'}`,
  ])

const built = spawnSync(process.execPath, ['node_modules/electron-vite/bin/electron-vite.js', 'build'], {
  stdio: 'pipe',
  encoding: 'utf8',
})
if (built.status !== 0) throw new Error(built.stderr)
spawnSync(process.execPath, ['scripts/run.mjs', '--build-only', 'src/cli/digit.ts'])

const begun = performance.now()
const since = () => performance.now() - begun
const web = spawn(process.execPath, ['scripts/start.mjs', '--web', '--port', '0', '--workspace', folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const address = await printedAddress()
  add('npm run web to its address', since())
  await measureVisit(page, address)
  await measureSampling(page)
  await measureCrash(page)
  await measureReload(page)
  await browser.close()
} finally {
  web.kill('SIGTERM')
  await new Promise((done) => web.once('close', done))
  rmSync(folder, { recursive: true, force: true })
}
const { first, all, files } = bundleSizes('out/renderer')
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`
rows.push(['page, first view, compressed', kilobytes(first), `< ${kilobytes(BUDGET.first)}`])
rows.push([`page, all ${files.length} scripts and styles`, kilobytes(all), `< ${kilobytes(BUDGET.all)}`])
const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length))
for (const [what, measured, promised] of rows)
  console.log(`${what.padEnd(width(0))}  ${measured.padStart(width(1))}  ${promised}`)

function printedAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    web.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const address = /http:\/\/\S+/.exec(text)
      if (address) resolve(address[0])
    })
    web.once('exit', () => reject(new Error('npm run web exited before it printed an address')))
  })
}

/** The first visit: the page is useful once it shows its settings and the run that it started automatically. */
async function measureVisit(page: Page, address: string): Promise<void> {
  const visited = performance.now()
  const goto = page.goto(address)
  await page.getByRole('button', { name: /^(Start|Add to the queue)/ }).waitFor()
  add('first useful paint, from opening the address', performance.now() - visited, 1500)
  add('first useful paint, from npm run web', since())
  await goto
  await page.locator('canvas[data-stage]').first().waitFor()
  add('first sample started, from npm run web', since(), 5000)
  await images(page).first().waitFor({ timeout: 120_000 })
  add('first image, from npm run web', since())
  await page.getByRole('contentinfo').getByText('Idle').waitFor({ timeout: 120_000 })
}

async function measureSampling(page: Page): Promise<void> {
  await page.evaluate(WATCH_FRAMES)
  await startRun(page, { Images: 8, Seed: 7 })
  await page.getByRole('heading', { name: 'Unconditional · AR · seed 7' }).waitFor()
  await waitForImages(page, 8)
  const gaps = (await page.evaluate('frameGaps.sort((a, b) => a - b)')) as number[]
  const at = (share: number) => `${gaps[Math.floor(share * (gaps.length - 1))]!.toFixed(0)} ms`
  rows.push([`frames while sampling, ${gaps.length}`, at(1), `< 100 ms; median ${at(0.5)}, 99% ${at(0.99)}`])
}

/** The engine is the only process that the server has forked. */
async function measureCrash(page: Page): Promise<void> {
  await startRun(page, { Images: 100, Batch: 2, Seed: 8 })
  await page.getByRole('heading', { name: 'Unconditional · AR · seed 8' }).waitFor()
  await waitForImages(page, 2)
  const serve = childrenOf(web.pid!)
  const engine = serve.flatMap(childrenOf)
  const killed = performance.now()
  for (const pid of engine) process.kill(pid, 'SIGKILL')
  await page.getByRole('contentinfo').getByText('Connection lost').waitFor()
  await page.getByRole('contentinfo').getByText('Connected').waitFor()
  await page.getByRole('region', { name: 'Problems' }).getByRole('article').first().waitFor()
  await page
    .getByRole('button', { name: /^Start/ })
    .and(page.locator(':enabled'))
    .waitFor()
  add('engine killed to an error and a working page', performance.now() - killed, 5000)
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

async function measureReload(page: Page): Promise<void> {
  const [url, count] = [page.url(), await images(page).count()]
  const reloaded = performance.now()
  await page.reload()
  await waitForImages(page, count)
  add(`reload to the same view (${count} images)`, performance.now() - reloaded)
  if (page.url() !== url) throw new Error(`after the reload the page is at ${page.url()}, expected ${url}`)
}
