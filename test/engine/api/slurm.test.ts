// A session that ends leaves its work in a real SLURM; the next one follows the same jobs to their end.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEngine, demoFolder } from '../../../src/engine/api/index.ts'
import { BUILT } from '../../built.ts'
import { QUICK } from '../../quick-request.ts'
import { HAS_SLURM, slurm } from '../../slurm.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()

describe.skipIf(!HAS_SLURM)('SLURM', () => {
  it('keeps the jobs of a session that ends, and the next one follows them', async () => {
    const options = { workspace: folder.path, program: { command: [process.execPath, BUILT.command] } }
    const engine = async () => {
      const made = createEngine(options)
      await made.api.openModels([demoFolder()])
      return made
    }
    const first = await engine()
    const id = await first.api.startSample({ ...QUICK, count: 6 }, { shards: 2 })
    await expect.poll(() => first.api.listSubmissions(), { timeout: 120_000 }).toHaveLength(1)
    const runs = join(folder.path, 'runs', id, 'slurm')
    const jobs = () =>
      readdirSync(runs).flatMap(
        (name) =>
          (
            JSON.parse(readFileSync(join(runs, name, 'submission.json'), 'utf8')) as {
              jobs: { job: number }[]
            }
          ).jobs,
      )
    await expect.poll(() => jobs().length, { timeout: 120_000 }).toBe(2)
    await first.api.leaveWork()
    const left = jobs()
    expect(slurm('squeue', '--noheader', '--format=%F')).toContain(String(left.at(-1)!.job))
    const second = await engine()
    await second.api.resumeWork()
    const status = async () => (await second.api.snapshot()).runs.find((run) => run.id === id)?.status.state
    await expect.poll(status, { timeout: 300_000, interval: 1000 }).toBe('done')
    expect(jobs()).toEqual(left)
    expect(await second.api.listImages(id)).toHaveLength(6)
  })
})
