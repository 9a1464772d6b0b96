// 100,000 messages that no page sends, over the web host's socket: `npm run fuzz:socket [messages [seed]]`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openWebHost } from '../../src/cli/serve/host.ts'
import { fuzzSocket } from '../../test/cli/fuzz-socket.ts'
import { openPage } from '../../test/web-page.ts'

const [messages = 100_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'digit-fuzz-'))
writeFileSync(join(folder, 'index.html'), '')
const host = await openWebHost({
  port: 0,
  page: folder,
  engineModule: resolve('out/src/engine/api/process.js'),
  engine: { models: [resolve('resources/demo')], workspace: join(folder, 'workspace') },
})
const pid = host.enginePid()
const started = performance.now()
for (let sent = 0; sent < messages; sent += 1000) {
  await fuzzSocket(host, { messages: Math.min(1000, messages - sent), seed: seed + sent })
  if (host.enginePid() !== pid) throw new Error(`the engine died after ${sent} messages (seed ${seed})`)
}
const page = await openPage(host)
await page.api.snapshot()
const seconds = ((performance.now() - started) / 1000).toFixed(0)
console.log(`${messages} messages (seed ${seed}) in ${seconds} s; the engine is running and answers`)
await host.close()
rmSync(folder, { recursive: true, force: true })
