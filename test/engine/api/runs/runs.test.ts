import { expect, it } from 'vitest'
import { openQueue, type Perform } from '../../../../src/engine/api/queue.ts'
import { runCalls } from '../../../../src/engine/api/runs/runs.ts'
import type { RunState, TokenizeSpec } from '../../../../src/shared/run/run.ts'

const spec: TokenizeSpec = {
  kind: 'tokenize',
  model: '/m',
  out: '/o',
  device: 'cpu',
  batchSize: 1,
  weightBits: 32,
  images: ['/a.png'],
}

/** The calls over a recipe, and every state that was told. */
function calls(perform: Perform) {
  const told: RunState[] = []
  const states = () => told.map(({ id, status }) => `${id} ${status.state}`)
  const events = {
    stateChanged: (run: RunState) => void told.push(run),
    preview: () => {},
  }
  const { calls, cancel } = runCalls({ queue: openQueue(perform), events })
  return { ...calls, cancelRun: cancel, told, states }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('runs start one after another', async () => {
  const finish: (() => void)[] = []
  const { startRun, listRuns, states } = calls(async (_, { progress }) => {
    progress(1, 2, 'half')
    await new Promise<void>((resolve) => finish.push(resolve))
    return { finished: 2, summary: 'two' }
  })
  await Promise.all([startRun(spec), startRun(spec)])
  await turn()
  expect(states()).toEqual(['tokenize-1 queued', 'tokenize-2 queued', 'tokenize-1 running'])
  finish[0]!()
  await turn()
  finish[1]!()
  await turn()
  expect(states().slice(3)).toEqual(['tokenize-1 done', 'tokenize-2 running', 'tokenize-2 done'])
  expect((await listRuns())[1]?.status).toEqual({ state: 'done', finished: 2, summary: 'two' })
})

it('a failed run reports what is finished, and the next run starts', async () => {
  let calls_ = 0
  const { startRun, told, states } = calls(async (_, { progress }) => {
    if (calls_++ > 0) return { finished: 1, summary: '' }
    progress(3.5, 8, 'decoding')
    throw new RangeError('disk full')
  })
  await startRun(spec)
  await startRun(spec)
  await turn()
  const failed = told.find(({ status }) => status.state === 'failed')
  expect(failed?.status).toMatchObject({
    finished: 3,
    error: { name: 'RangeError', message: 'disk full' },
  })
  expect(states().at(-1)).toBe('tokenize-2 done')
})

it('a queued and a running run are cancelled', async () => {
  const { startRun, cancelRun, states } = calls(
    (_, { progress, signal }) =>
      new Promise((_, reject) => {
        progress(0, 1, 'working')
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  )
  const first = await startRun(spec)
  const second = await startRun(spec)
  await turn()
  await cancelRun(second)
  await cancelRun(first)
  await turn()
  expect(states().slice(-2)).toEqual(['tokenize-2 cancelled', 'tokenize-1 cancelled'])
  await expect(cancelRun('tokenize-9')).rejects.toThrow("run 'tokenize-9' not found")
})

it('an invalid specification is refused with the fields', async () => {
  const { startRun, told } = calls(async () => ({ finished: 0, summary: '' }))
  const bad = { ...spec, batchSize: 0, device: 'abacus' } as unknown as TokenizeSpec
  await expect(startRun(bad)).rejects.toThrow(/device: .*batchSize: /)
  expect(told).toEqual([])
})
