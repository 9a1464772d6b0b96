import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { demoFolder } from '../../../../src/engine/model-set/resources.ts'
import { selfTestCalls } from '../../../../src/engine/api/models/self-test.ts'
import type { SelfTest, SelfTestReport } from '../../../../src/shared/models/self-test.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const temporary = temporaryFolder()
const NONE = { files: [], set: {}, generators: [], notes: [], assumed: [], classNames: [] }
let turn = 0

/** The calls over the demo on the processor; work waits until `release`. */
function testBench() {
  const workspace = join(temporary.path, String(++turn))
  const told: SelfTest[] = []
  const waiting: (() => Promise<void>)[] = []
  const bench = selfTestCalls({
    workspace,
    modelsInUse: () => ({ fields: { model: demoFolder() }, folders: [], hashes: new Set(), modelSet: NONE }),
    queue: { line: (work) => void waiting.push(work) },
    events: { selfTestChanged: (test) => void told.push(test) },
    survey: async () => ({
      devices: [{ device: 'cpu', milliseconds: 1, note: '' }],
      chosen: 'cpu',
      reason: 'cpu',
    }),
  })
  const states = () => told.map(({ status }) => status.state)
  return { ...bench, workspace, told, states, release: () => Promise.all(waiting.map((work) => work())) }
}

it('the self-test is queued, reports progress, and can be cancelled', async () => {
  const { calls, states, told, release, current } = testBench()
  await calls.startSelfTest()
  // Asked for twice it is one test.
  await calls.startSelfTest()
  expect(states()).toEqual(['queued'])
  const work = release()
  await vi.waitFor(
    () => {
      const { status } = told.at(-1)!
      expect(status.state === 'running' && status.note).toBe('stage 1 on cpu')
    },
    { timeout: 60_000, interval: 5 },
  )
  await calls.cancelSelfTest()
  await work
  expect(states().at(-1)).toBe('idle')
  expect(await current()).toEqual({ status: { state: 'idle' } })
})

it('a self-test cancelled in the queue never starts, and can be requested again', async () => {
  const { calls, states, release } = testBench()
  await calls.startSelfTest()
  await calls.cancelSelfTest()
  expect(states()).toEqual(['queued', 'idle'])
  await release()
  expect(states()).toEqual(['queued', 'idle'])
  await calls.startSelfTest()
  expect(states().at(-1)).toBe('queued')
})

it('the report of an earlier session is shown', async () => {
  const { workspace, current } = testBench()
  const report: SelfTestReport = { schema: 1, date: '2026-01-01T00:00:00Z', models: [], devices: [] }
  mkdirSync(workspace, { recursive: true })
  writeFileSync(join(workspace, 'self-test.json'), JSON.stringify(report))
  expect(await current()).toEqual({ status: { state: 'idle' }, report })
})
