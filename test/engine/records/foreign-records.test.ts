// Records that others wrote: every reader answers or refuses with the file and the reason, and reads what is beside them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mutateRecords } from '../../../scripts/faults/records.ts'

it.each([
  [2, 200],
  [2, 290],
  [2, 500],
  [4, 0],
])(
  'seed %i, mutations from %i: none is believed, none is fatal, and nothing else is lost',
  async (seed, first) => {
    const folder = mkdtempSync(join(tmpdir(), 'digit-records-'))
    try {
      const { reads, refused, faults } = await mutateRecords(folder, { count: 30, seed, first })
      expect(faults).toEqual([])
      expect(refused).toBeGreaterThan(0)
      expect(reads).toBeGreaterThan(refused)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
