// npm run fuzz -- [COUNT] [SEED] [FIRST] [ONLY]: mutated files through every parser, or those whose names match, in
// memory. A parser may answer or throw
// FormatError; anything else, more than a second, or a jump in memory is a bug and is printed with its number.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { FormatError, ModelError } from '../../src/shared/errors.ts'
import { mutate, randomNumbers } from './mutate.ts'
import { fuzzedParsers } from './parsers.ts'

const [count = 1_000_000, seed = 1, first = 0] = process.argv.slice(2, 5).map(Number)
const only = new RegExp(process.argv[5] ?? '')
const SLOW_MS = 1000
const HANG_MS = 10_000
/** Limit of memory growth: the object budget allows 200 MB, and nothing may come near the size limit of a tensor. */
const MAX_GROWTH_BYTES = 400 * 2 ** 20
const MAX_PRINTED = 20
const PROGRESS_EVERY = 50_000

/** Watches from its own thread, because an endless loop blocks this one. */
function watchHangs(): Int32Array {
  const state = new Int32Array(new SharedArrayBuffer(4))
  const watcher = new Worker(
    // The console of a worker goes through the thread that hangs; a file descriptor does not.
    `const { workerData: { state, ms } } = require('node:worker_threads')
     const { writeSync } = require('node:fs')
     let seen = -1
     setInterval(() => {
       if (state[0] === seen) { writeSync(2, 'input ' + seen + ' hangs\\n'); process.kill(process.pid, 'SIGKILL') }
       seen = state[0]
     }, ms)`,
    { eval: true, workerData: { state, ms: HANG_MS } },
  )
  watcher.unref()
  return state
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url)))).replace(/[\\/]out$/, '')
const parsers = (await fuzzedParsers(root)).filter(({ name }) => only.test(name))
const everything = parsers.flatMap(({ corpus }) => corpus)
const tally = new Map(
  parsers.map(({ name }) => [name, { inputs: 0, accepted: 0, refused: 0, bugs: 0, slowest: 0 }]),
)

for (const { name, corpus, run } of parsers)
  for (const good of corpus)
    await run(good).catch((error: unknown) => {
      if (!(error instanceof FormatError)) throw new Error(`${name}: rejected a valid file`, { cause: error })
    })

const watched = watchHangs()
const started = performance.now()
let bugs = 0
let peak = process.resourceUsage().maxRSS * 1024

for (let number = first; number < first + count; number++) {
  Atomics.store(watched, 0, number)
  const random = randomNumbers(seed * 1_000_003 + number)
  const parser = parsers[number % parsers.length]!
  const row = tally.get(parser.name)!
  const pick = (files: Uint8Array[]) => files[Math.floor(random() * files.length)]!
  const bytes = mutate(pick(parser.corpus), pick(everything), random)
  const begun = performance.now()
  let problem: string | undefined
  try {
    await parser.run(bytes)
    row.accepted++
  } catch (error) {
    row.refused++
    if (!(error instanceof FormatError || error instanceof ModelError))
      problem = error instanceof Error ? String(error.stack) : String(error)
  }
  const took = performance.now() - begun
  const now = process.resourceUsage().maxRSS * 1024
  if (took > SLOW_MS) problem ??= `took ${took.toFixed(0)} ms`
  if (now - peak > MAX_GROWTH_BYTES) problem ??= `memory grew by ${((now - peak) / 2 ** 20).toFixed(0)} MB`
  peak = now
  row.inputs++
  row.slowest = Math.max(row.slowest, took)
  if (problem) {
    row.bugs++
    if (++bugs <= MAX_PRINTED) console.log(`input ${number} of seed ${seed}, ${parser.name}: ${problem}`)
  }
  if ((number - first + 1) % PROGRESS_EVERY === 0)
    console.log(
      `${number - first + 1} inputs, ${bugs} bugs, ${((performance.now() - started) / 1000).toFixed(0)} s`,
    )
}

console.table(
  Object.fromEntries(
    [...tally].map(([name, row]) => [name, { ...row, slowest: `${row.slowest.toFixed(0)} ms` }]),
  ),
)
console.log(`${count} inputs, seed ${seed}, ${bugs} bugs, peak memory ${(peak / 2 ** 20).toFixed(0)} MB`)
process.exit(bugs > 0 ? 1 : 0)
