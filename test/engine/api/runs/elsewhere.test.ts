// A run that another process takes is shown as its own, even if this one knew it as cancelled.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import { watchElsewhere } from '../../../../src/engine/api/runs/elsewhere.ts'
import { releaseLock, takeLock } from '../../../../src/engine/records/folder-lock.ts'
import { saveRequest } from '../../../../src/engine/records/workspace.ts'
import { QUICK } from '../../../quick-request.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const { path: workspace } = temporaryFolder()

it('is found, followed, and shown as done when it is free', async () => {
  const spec = { kind: 'sample', ...QUICK, count: 1, model: '/m', out: '/o', shards: 1, shard: 0 } as const
  for (const id of ['taken', 'mine', 'free'])
    await saveRequest(workspace, id, spec as never, '2026-11-29T10:00:00Z')
  const shown: WorkspaceRun[] = []
  const taken: string[] = []
  const images: string[] = []
  const elsewhere = watchElsewhere(
    workspace,
    {
      runChanged: (run) => shown.push(run),
      imageFinished: (run, { image }) => images.push(`${run} ${image}`),
    },
    20,
  )
  const locks = ['taken', 'mine'].map((id) => join(workspace, 'runs', id, '.lock'))
  for (const lock of locks) await takeLock(lock)
  elsewhere.search(
    (id) => id === 'mine',
    (id) => taken.push(id),
  )
  await vi.waitFor(() =>
    expect(shown).toMatchObject([{ id: 'taken', elsewhere: true, status: { state: 'running' } }]),
  )
  mkdirSync(join(workspace, 'runs', 'taken', 'images'))
  writeFileSync(join(workspace, 'runs', 'taken', 'images', '000000.png'), '')
  for (const lock of locks) await releaseLock(lock)
  await vi.waitFor(
    () => expect(shown.at(-1)).toMatchObject({ id: 'taken', status: { state: 'done' } }),
    10_000,
  )
  expect(shown.at(-1)).not.toHaveProperty('elsewhere')
  expect([taken, images]).toEqual([['taken'], ['taken 0']])
})
