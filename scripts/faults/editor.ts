// One of several processes that edit one workspace: `editor.js WORKSPACE KIND WHO EDITS`. Prints the acknowledged edits
// as JSON; an edit is a word that the file must contain afterwards.
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ConflictError } from '../../src/shared/errors.ts'
import { LockedError } from '../../src/engine/records/folder-lock.ts'
import { changeClusterLabels } from '../../src/engine/workspace/cluster-labels.ts'
import { markFavourite } from '../../src/engine/workspace/favourites.ts'
import { readFigureText, saveFigureText } from '../../src/engine/workspace/figure-folders.ts'
import { keepModels, type Opening } from '../../src/engine/workspace/kept-models.ts'
import { CODEBOOK, FIGURE, LABELS, type Edited } from './edited.ts'

const [workspace = '.', kind = 'labels', who = '0', edits = '1'] = process.argv.slice(2)

const EDITS: Readonly<Record<Edited, (n: number) => Promise<string>>> = {
  async labels(n) {
    const entry = n * 4 + Number(who)
    const place = { path: join(workspace, LABELS), beside: true }
    await changeClusterLabels(place, CODEBOOK, [{ entry, label: 'edited', note: '', tags: [] }])
    return String(entry)
  },
  async favourites(n) {
    await markFavourite(workspace, { run: `run-${who}`, image: n }, true)
    return `run-${who} ${n}`
  },
  async figures(n) {
    const mine = `${who}.${n}`
    const { text, revision } = await readFigureText(workspace, FIGURE)
    const json = JSON.parse(text) as { caption: string }
    const edited = JSON.stringify({ ...json, caption: `${json.caption} ${mine}` })
    await saveFigureText(workspace, FIGURE, edited, revision)
    return mine
  },
  async choices(n) {
    const path = join(workspace, `model-${who}-${n}`)
    await keepModels(workspace, [], opening, { ...opening, paths: [...opening.paths, path] })
    opening = { ...opening, paths: [...opening.paths, path] }
    return path
  },
}
/** The open models known to this process: its own changes. */
let opening: Opening = { paths: [], choice: {} }

/** Refused is not lost: another version came first, or others had the lock for ten seconds on a busy machine. */
async function untilAccepted(edit: () => Promise<string>): Promise<string> {
  for (;;)
    try {
      return await edit()
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof LockedError)) throw error
      await wait(5 * Math.random())
    }
}

const acknowledged: string[] = []
for (let n = 0; n < Number(edits); n++) acknowledged.push(await untilAccepted(() => EDITS[kind as Edited](n)))
console.log(JSON.stringify(acknowledged))
