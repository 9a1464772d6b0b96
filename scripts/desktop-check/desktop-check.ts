// `npm run desktop:check`: the real window, driven through what only a real Electron can show; writes a report with
// screenshots to out/desktop-check. It needs Electron's binary and a display, or Xvfb (Debian: xvfb). DIGIT_ELECTRON
// names an application made by `npm run package:test` in place of the npm package's binary. docs/desktop.md has what
// is left for a person.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { electronPath } from '../../test/e2e/stage/electron.ts'
import { realWindow } from './real-window.ts'
import { openScreen } from './screen.ts'
import { stepsOf } from './steps.ts'

const OUT = resolve('out/desktop-check')
const packaged = process.env.DIGIT_ELECTRON !== undefined

const electron = electronPath() ?? stop("Electron's binary is not here: `npx install-electron` fetches it")
const screen = await openScreen().catch(({ message }: Error) => stop(message))
mkdirSync(OUT, { recursive: true })
const window = realWindow(electron, packaged)

const report: string[] = []
for (const [i, { name, work }] of stepsOf(window, electron).entries()) {
  const started = performance.now()
  const result = await work().then(
    (seen) => `ok${seen ? ` (${seen})` : ''}`,
    (error: Error) => `FAILED: ${error.message.split('\n')[0]}`,
  )
  const line = `${i + 1}. ${name}: ${result}, ${((performance.now() - started) / 1000).toFixed(1)} s`
  console.log(line)
  report.push(line)
  const path = join(OUT, `${String(i + 1).padStart(2, '0')}.png`)
  await Promise.resolve()
    .then(() => window.page().screenshot({ path, timeout: 10_000 }))
    .catch(() => {})
}
await window.close()
screen?.kill()
const machine = `${process.platform} ${process.arch}, ${packaged ? 'packaged' : 'from the sources'}`
writeFileSync(
  join(OUT, 'report.md'),
  `# The desktop window on ${machine}\n\n${report.join('\n')}\n\n## Printed\n\n${window.printed()}\n`,
)
console.log(`Please send ${join(OUT, 'report.md')} and the screenshots beside it.`)
process.exit(report.some((line) => line.includes(': FAILED')) ? 1 : 0)

function stop(reason: string): never {
  console.error(`The desktop window cannot be checked here: ${reason}.`)
  process.exit(2)
}
