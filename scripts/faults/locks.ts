// Four processes that race for one lock: no two of them ever hold it.
import { readdirSync } from 'node:fs'
import type { LockCounts } from './lock-racer.ts'
import type { Outcome } from './faults.ts'
import { allAtOnce, bundled } from './processes.ts'

const PROCESSES = 4

export async function raceForLocks(folder: string, count: number): Promise<Outcome> {
  const lists = Array.from({ length: PROCESSES }, () => [folder, String(Math.ceil(count / PROCESSES))])
  const all = await allAtOnce<LockCounts>(await bundled('lock-racer'), lists)
  const sum = (key: keyof LockCounts) => all.reduce((total, counts) => total + counts[key], 0)
  const left = readdirSync(folder).filter((name) => name !== '.lock')
  return {
    counts: { held: sum('held'), refused: sum('refused') },
    faults: [
      ...(sum('shared') > 0 ? [`${sum('shared')} locks were held by two processes`] : []),
      ...(left.length > 0 ? [`left behind: ${left.join(', ')}`] : []),
    ],
  }
}
