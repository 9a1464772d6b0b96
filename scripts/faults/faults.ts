// npm run faults -- [--only PART] [--seed N] [--quick]: what a bad disk, a power cut, a second process and a foreign
// program do to a workspace and a cache. A fault is something lost, a number that is wrong without an error, or a process
// that ends; each is printed with what makes it again.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { damageCache } from './cache.ts'
import { editTogether } from './edits.ts'
import { killCommands } from './kills.ts'
import { raceForLocks } from './locks.ts'
import { mutateRecords } from './records.ts'

export interface Outcome {
  /** What was done, in numbers. */
  readonly counts: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

interface Part {
  readonly what: string
  /** How much, in a whole and in a quick run. */
  readonly count: number
  readonly quick: number
  run(folder: string, count: number, seed: number): Promise<Outcome>
}

const PARTS: Readonly<Record<string, Part>> = {
  locks: {
    what: 'attempts of four processes to take one lock, half of it abandoned',
    count: 2000,
    quick: 200,
    run: raceForLocks,
  },
  edits: {
    what: 'edits of labels, favourites, figures and open models, each by four processes',
    count: 8000,
    quick: 160,
    run: editTogether,
  },
  cache: {
    what: 'cache files flipped, truncated, emptied or extended, and the work done again',
    count: Infinity,
    quick: 8,
    run: damageCache,
  },
  records: {
    what: 'record files of a workspace mutated, and read by all their readers',
    count: 1000,
    quick: 60,
    async run(folder, count, seed) {
      const { faults, ...counts } = await mutateRecords(folder, { count, seed })
      return {
        counts,
        faults: faults.map(
          ({ file, number, reader, problem }) => `${number} (${file}, ${reader}): ${problem}`,
        ),
      }
    },
  },
  kills: {
    what: 'kill -9 of long commands, each resumed until its files are those of an uninterrupted one',
    count: 200,
    quick: 9,
    run: killCommands,
  },
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
})
const { only, quick } = values
const seed = Number(values.seed)
if (only !== undefined && !PARTS[only])
  throw new Error(`--only ${only}: unknown part (expected ${Object.keys(PARTS).join(', ')})`)
let faults = 0
for (const [name, part] of Object.entries(PARTS)) {
  if (only !== undefined && name !== only) continue
  console.log(`${name}: ${part.what}`)
  const folder = await mkdtemp(join(tmpdir(), `digit-faults-${name}-`))
  const started = performance.now()
  try {
    const { counts, faults: found } = await part.run(folder, quick ? part.quick : part.count, seed)
    faults += found.length
    for (const fault of found) console.log(`  FAULT ${fault}`)
    const words = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`  ${words.join(', ')}; ${found.length} faults, ${seconds} s`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
console.log(`seed ${seed}: ${faults} faults`)
process.exit(faults > 0 ? 1 : 0)
