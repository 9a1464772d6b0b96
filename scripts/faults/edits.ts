// Four processes that edit one workspace: no acknowledged edit is lost, none appears twice.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { EDITED, editsIn, openEdited } from './edited.ts'
import type { Outcome } from './faults.ts'
import { allAtOnce, bundled } from './processes.ts'

const PROCESSES = [0, 1, 2, 3]

/** `count` edits in all: the same number of each kind by each process. */
export async function editTogether(folder: string, count: number): Promise<Outcome> {
  const each = Math.ceil(count / EDITED.length / PROCESSES.length)
  const editor = await bundled('editor')
  const counts: Record<string, number> = {}
  const faults: string[] = []
  for (const kind of EDITED) {
    const workspace = join(folder, kind)
    await openEdited(workspace)
    const lists = PROCESSES.map((who) => [workspace, kind, String(who), String(each)])
    const acknowledged = (await allAtOnce<string[]>(editor, lists)).flat()
    const there = await editsIn(workspace, kind)
    counts[kind] = there.length
    const lost = acknowledged.filter((edit) => !there.includes(edit))
    if (lost.length > 0) faults.push(`${kind}: lost ${lost.join(', ')}`)
    if (there.length !== acknowledged.length)
      faults.push(`${kind}: found ${there.length} edits, expected ${acknowledged.length}`)
    const left = readdirSync(workspace, { recursive: true }).filter((name) => /lock|tmp/.test(String(name)))
    if (left.length > 0) faults.push(`${kind}: left behind ${left.join(', ')}`)
  }
  return { counts, faults }
}
