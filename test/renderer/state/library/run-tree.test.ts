// The Library's list of runs: what was made from an image is under its run; titles say what differs.
import { describe, expect, it } from 'vitest'
import { runRows } from '../../../../src/renderer/state/library/run-tree.ts'
import { runTitle } from '../../../../src/shared/run/run-title.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'
import { publishedSampling } from '../../../../src/shared/run/published.ts'
import { QUICK } from '../../../quick-request.ts'

const published = publishedSampling(false, 'ar')
const usual = {
  ...QUICK,
  stage2: 'ar' as const,
  stage1Sampling: published.stage1,
  stage2Sampling: published.stage2,
  seed: 7,
  classes: [],
}
const run = (id: string, request: object = {}): WorkspaceRun => ({
  id,
  started: '2026-11-20T10:00:00Z',
  finished: 1,
  status: { state: 'done', finished: 1, summary: '' },
  request: { ...usual, ...request },
})
const madeFrom = (id: string, source: string) => run(id, { from: { run: source, image: 3 } })

describe('rows of the list', () => {
  const runs = [madeFrom('d', 'c'), madeFrom('c', 'a'), run('b'), run('a'), madeFrom('x', 'gone')]
  const told = (open: string[], chosen?: string) =>
    runRows(runs, new Set(open), chosen).map(({ run, depth }) => `${'-'.repeat(depth)}${run.id}`)

  it('children are listed under their open run; without their source they are runs of their own', () => {
    expect(told([])).toEqual(['b', 'a', 'x'])
    expect(told(['a'])).toEqual(['b', 'a', '-c', 'x'])
    expect(told(['a', 'c'])).toEqual(['b', 'a', '-c', '--d', 'x'])
    expect(runRows(runs, new Set()).find(({ run }) => run.id === 'a')).toMatchObject({
      children: 1,
      isOpen: false,
    })
  })
  it('the chosen run is in sight', () => {
    expect(told([], 'd')).toEqual(['b', 'a', '-c', '--d', 'x'])
  })
  it('a run that names itself is not lost', () => {
    const self = [madeFrom('a', 'a'), run('b')]
    expect(runRows(self, new Set()).map(({ run }) => run.id)).toEqual(['a', 'b'])
  })
})

describe('titles', () => {
  const title = (request: object) => runTitle(run('r', request), (index) => `class ${index}`)
  it('name every setting that is not published, and nothing else', () => {
    expect(title({})).toBe('Unconditional · AR · seed 7')
    expect(title({ classes: [2], stage1Sampling: publishedSampling(true, 'ar').stage1 })).toBe(
      'class 2 · AR · seed 7',
    )
    expect(title({ stage1Sampling: { temperature: 0.9, topK: 0, topP: 0 }, weightBits: 8 })).toBe(
      'Unconditional · AR · seed 7 · T 0.9 · top-k off · int8',
    )
    const masked = { stage2: 'nar', stage2Sampling: publishedSampling(false, 'nar').stage2 }
    expect(title({ ...masked, masked: { steps: 8, choiceTemperature: 4.5 } })).toBe(
      'Unconditional · NAR · seed 7',
    )
    expect(title({ ...masked, masked: { steps: 4, choiceTemperature: 4.5 } })).toBe(
      'Unconditional · NAR · seed 7 · 4 steps',
    )
  })
  it('say what was made from an image', () => {
    const from = { run: 'a', image: 3 }
    expect(title({ from, pinned: [{}] })).toBe('Edit of image 3 · AR · seed 7')
    expect(title({ from, pinned: [{}], commonNoise: 'stage2', changes: [{}] })).toBe(
      'Intervention on image 3 · AR · seed 7',
    )
    expect(title({ from, commonNoise: 'stage2' })).toBe('Other grids than image 3 · AR · seed 7')
  })
})
