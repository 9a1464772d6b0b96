// Whether the writer of a file still runs, when it ran on another machine in a job of SLURM.
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.resetModules()
})

it('a job that was requeued has ended on the machine where it ran before', async () => {
  vi.stubEnv('SLURM_JOB_ID', '41')
  vi.stubEnv('SLURM_RESTART_COUNT', '2')
  vi.resetModules()
  const { lifeOf, thisProcess } = await import('../../../src/engine/bytes/process-identity.ts')
  expect(thisProcess()).toMatchObject({ job: '41', restarts: 2 })
  const writer = { pid: 1234, host: 'elsewhere', boot: 'other', machine: 'other', job: '41' }
  expect(lifeOf({ ...writer, restarts: 1 })).toBe('ended')
  // Not an earlier start: another task would be wrong to take its place.
  expect(lifeOf({ ...writer, restarts: 2 })).toBe('unknown')
  expect(lifeOf({ ...writer, job: undefined })).toBe('unknown')
})
