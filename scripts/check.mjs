// Types, lint and format, two at a time: `node scripts/check.mjs`. With `--build` what the tests run is built beside
// them, which has to be done anyway and would take one core alone; with `--unit` the unit tests run as well. Prints one
// line with the time of each, followed by its output if it failed.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { root } from './root.mjs'

/** MB for new objects, since syntax trees die young; one helper thread, since each core has a check of its own. */
const V8 = ['--max-semi-space-size=64', '--v8-pool-size=1']
/** The longest first. */
const CHECKS = [
  [
    'types of the page',
    'node_modules/vue-tsc/bin/vue-tsc.js',
    '--noEmit',
    '-p',
    'src/renderer/tsconfig.json',
  ],
  [
    'lint of components',
    'node_modules/eslint/bin/eslint.js',
    '.',
    '--cache',
    '--cache-location',
    'out/eslint',
  ],
  ['types', 'node_modules/typescript-native/bin/tsc', '--noEmit'],
  ['lint', 'node_modules/oxlint/bin/oxlint'],
  ['format', 'node_modules/oxfmt/bin/oxfmt', '--check'],
]
const UNIT = ['unit tests', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'unit']
const BUILD = ['build', 'scripts/start/build-all.mjs']

const asked = (option) => process.argv.includes(option)
const waiting = [...(asked('--build') ? [BUILD] : []), ...CHECKS, ...(asked('--unit') ? [UNIT] : [])]
const started = performance.now()
const failures = []
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
for (const { name, output } of failures) console.log(`\n--- ${name} ---\n${output}`)
console.log(`${failures.length === 0 ? 'all well' : `${failures.length} failed`} (${since(started)})`)
process.exitCode = failures.length === 0 ? 0 : 1

async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, script, ...args] = next
    const begun = performance.now()
    const { code, output } = await run([join(root, script), ...args])
    if (code !== 0) failures.push({ name, output })
    console.log(`${code === 0 ? 'ok' : 'FAILED'}  ${name} (${since(begun)})`)
  }
}

function since(begun) {
  return `${((performance.now() - begun) / 1000).toFixed(0)} s`
}

function run(words) {
  const child = spawn(process.execPath, [...V8, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += chunk.toString()))
  return new Promise((done, failed) =>
    child.on('error', failed).on('close', (code) => done({ code, output })),
  )
}
