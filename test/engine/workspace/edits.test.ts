// No edit that was acknowledged is lost, however many processes and windows edit one workspace.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EDITED, editsIn, openEdited } from '../../../scripts/faults/edited.ts'
import { allAtOnce, bundled } from '../../../scripts/faults/processes.ts'
import { favouriteCalls } from '../../../src/engine/api/runs/favourites.ts'
import {
  addPicture,
  createFigure,
  readFigureText,
  saveFigureText,
} from '../../../src/engine/workspace/figure-folders.ts'
import { withChange } from '../../../src/engine/workspace/kept-models.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()

describe('four processes that edit a workspace', () => {
  it.each(EDITED)('lose no acknowledged edit: %s', async (kind) => {
    const workspace = join(folder.path, kind)
    await openEdited(workspace)
    const editor = await bundled('editor')
    const acknowledged = await allAtOnce<string[]>(
      editor,
      [0, 1, 2, 3].map((who) => [workspace, kind, String(who), '12']),
    )
    const there = await editsIn(workspace, kind)
    expect([...there].sort()).toEqual(acknowledged.flat().sort())
    expect(there).toHaveLength(48)
    expect(
      readdirSync(workspace, { recursive: true }).filter((name) => /lock|tmp/.test(String(name))),
    ).toEqual([])
  })
})

describe('two windows', () => {
  it('that save the same version of a figure: one is refused', async () => {
    const workspace = join(folder.path, 'windows')
    const id = await createFigure(workspace, 'f', '{"schema": 1}')
    const { revision } = await readFigureText(workspace, id)
    const texts = ['a', 'b'].map((word) => `{"schema": 1, "caption": "${word}"}`)
    const saves = await Promise.allSettled(texts.map((text) => saveFigureText(workspace, id, text, revision)))
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const saved = saves.findIndex(({ status }) => status === 'fulfilled')
    expect((await readFigureText(workspace, id)).text).toBe(texts[saved])
  })

  it('that add different pictures with the same name: both are stored', async () => {
    const workspace = join(folder.path, 'pictures')
    const id = await createFigure(workspace, 'f', '{"schema": 1}')
    const added = [1, 2].map((byte) => addPicture(workspace, id, 'a.png', Uint8Array.of(byte)))
    expect((await Promise.all(added)).sort()).toEqual(['pictures/a-2.png', 'pictures/a.png'])
  })

  it('that mark images at the same time: both are marked', async () => {
    const workspace = join(folder.path, 'marks')
    for (const run of ['a', 'b']) {
      mkdirSync(join(workspace, 'runs', run, 'images'), { recursive: true })
      writeFileSync(join(workspace, 'runs', run, 'images', '000000.png'), '')
    }
    const windows = ['a', 'b'].map((run) => ({
      run,
      ...favouriteCalls(workspace, { favouritesChanged() {} }),
    }))
    await Promise.all(windows.map(({ run, calls }) => calls.setFavourite(run, 0, true)))
    expect((await editsIn(workspace, 'favourites')).toSorted()).toEqual(['a 0', 'b 0'])
  })
})

describe('a change of the open models after another process changed them', () => {
  const opening = (paths: string[], choice = {}) => ({ paths, choice })
  const before = opening(['/a', '/b'], { stage1: '/a/1.pt' })

  it.each([
    ['opens a folder', opening(['/a', '/c']), opening(['/a', '/b', '/d'], before.choice), ['/a', '/c', '/d']],
    ['closes a folder', opening(['/a', '/b', '/c']), opening(['/a'], before.choice), ['/a', '/c']],
  ])('%s', (_, there, after, paths) => expect(withChange(there, before, after).paths).toEqual(paths))

  it('keeps the choices of the other process, except those in a closed folder', () => {
    const there = opening(['/a', '/b', '/c'], { stage1: '/c/1.pt', codebook: '/b/k.npy' })
    const after = opening(['/a'], { vqgan: '/a/v.ckpt' })
    expect(withChange(there, before, after)).toEqual(opening(['/a', '/c'], { vqgan: '/a/v.ckpt' }))
    expect(withChange(there, before, { ...before, choice: {} }).choice).toEqual({ codebook: '/b/k.npy' })
  })
})
