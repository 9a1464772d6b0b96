// What the Library shows: whole runs and single images, filtered.
import { describe, expect, it } from 'vitest'
import { dayOf, filterOf, galleryOf, runsOf } from '../../../../src/renderer/state/library/gallery.ts'
import type { WorkspaceRun } from '../../../../src/shared/run/listed-run.ts'

const run = (id: string, asked: object, more: object = {}) =>
  ({
    id,
    request: asked,
    started: '2026-11-20T12:00:00Z',
    status: { state: 'done' },
    ...more,
  }) as unknown as WorkspaceRun
const runs = [
  run('a', { seed: 1, stage2: 'ar' }, { started: '2026-11-23T12:00:00Z' }),
  run('b', { seed: 2, stage2: 'nar' }, { models: [{ role: 'vqgan', name: 'v', sha256: 'abcd' }] }),
  run('c', { seed: 2, stage2: 'ar', draft: true }),
  { ...run('d', {}), request: undefined, reconstruct: { seed: 2, stage2: 'nar' } } as unknown as WorkspaceRun,
  { ...run('e', {}), request: undefined } as unknown as WorkspaceRun,
]
const images = (id: string) => (id === 'e' ? undefined : [{ image: 0, class: 5 }, { image: 1 }])
const filtered = (search: string) => filterOf(Object.fromEntries(new URLSearchParams(search)))

describe('the gallery', () => {
  it.each([
    ['', ['a0', 'a1', 'b0', 'b1', 'd0', 'd1']],
    ['class=5', ['a0', 'b0', 'd0']],
    ['seed=2', ['b0', 'b1', 'd0', 'd1']],
    ['kind=ar&class=5', ['a0']],
    ['kind=reconstruct', ['d0', 'd1']],
    ['drafts=1&kind=ar', ['a0', 'a1', 'c0', 'c1']],
    ['model=abcd', ['b0', 'b1']],
    ['favourites=1', ['b1']],
    ['class=x', ['a0', 'a1', 'b0', 'b1', 'd0', 'd1']],
    ['class=6', []],
  ])('filtered by "%s"', (search, expected) => {
    const isFavourite = (id: string, image: number) => id === 'b' && image === 1
    const shown = galleryOf(runs, images, filtered(search), isFavourite)
    expect(shown.map(({ run, image }) => `${run}${image}`)).toEqual(expected)
  })

  it('by days back, or by one day, on the clock of this machine', () => {
    const now = new Date('2026-11-23T20:00:00Z')
    const ids = (date: string) => runsOf(runs, { date }, now).map(({ id }) => id)
    expect(ids('1')).toEqual(['a'])
    expect(ids('3')).toEqual(['a'])
    expect(ids('7')).toEqual(['a', 'b', 'd', 'e'])
    expect(ids(dayOf(new Date('2026-11-20T12:00:00Z')))).toEqual(['b', 'd', 'e'])
  })
})
