// What a run is called, and how fast it is: by itself, whatever models are open and whatever an earlier session made.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { classNameIn } from '../../../../src/renderer/state/images/run-names.ts'
import { modelSet } from '../../../../src/renderer/state/models/models-in-use.ts'
import { pace, putRun, putRuns } from '../../../../src/renderer/state/sample/runs.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'

const run = (more: Partial<WorkspaceRun> = {}): WorkspaceRun => ({
  id: 'r',
  started: '2026-11-20T10:00:00Z',
  finished: 1,
  status: { state: 'done', finished: 1, summary: '' },
  ...more,
})
afterEach(() => {
  modelSet.value = undefined
  putRuns([])
  vi.restoreAllMocks()
})

describe('names of classes', () => {
  const made = (sha256: string) => [{ role: 'stage1', name: 'x.pt', sha256 }]
  it('are those of the run; those of the open models only where it was made with them', () => {
    const file = {
      id: 'f',
      path: 'x.pt',
      prefix: '',
      kind: 'stage1',
      bytes: 1,
      sha256: 'open',
      summary: '',
      facts: {},
    }
    modelSet.value = {
      files: [file],
      set: { stage1Class: 'f' },
      notes: [],
      classNames: ['tench', 'goldfish'],
      damaged: {},
    } as unknown as NonNullable<typeof modelSet.value>
    expect(classNameIn(run({ classNames: { 1: 'big ears' }, models: made('other') }))(1)).toBe('big ears')
    expect(classNameIn(run({ models: made('other') }))(1)).toBe('class 1')
    expect(classNameIn(run({ models: made('open') }))(1)).toBe('goldfish')
    expect(classNameIn(run())(1)).toBe('goldfish')
  })
})

describe('the rate of a run', () => {
  it('leaves out what was finished before, and the work before the first image', () => {
    const now = vi.spyOn(performance, 'now')
    const at = (seconds: number, step: number, of: number) => {
      now.mockReturnValue(1000 * seconds)
      putRun(run({ status: { state: 'running', step, of, note: '' } }))
    }
    at(0, 0, 1)
    at(1, 150, 200)
    at(11, 160, 200)
    expect(pace.value).toEqual({ perSecond: 1, secondsLeft: 40 })
  })
})
