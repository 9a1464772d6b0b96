// What the Library shows, and how fast it is found among 50,000 images.
import { describe, expect, it } from 'vitest'
import { filterOf, galleryOf } from '../../../src/renderer/state/gallery.ts'
import type { WorkspaceRun } from '../../../src/shared/api.ts'

const run = (id: string, seed: number, stage2: 'ar' | 'nar') =>
  ({ id, request: { seed, stage2 }, status: { state: 'done' } }) as unknown as WorkspaceRun
const runs = [run('a', 1, 'ar'), run('b', 2, 'nar'), { ...run('c', 0, 'ar'), request: undefined } as never]
const images = (id: string) => (id === 'c' ? undefined : [{ image: 0, class: 5 }, { image: 1 }])

describe('the gallery', () => {
  it('has the images of all runs in order', () => {
    const all = galleryOf(runs, images, {})
    expect(all.map(({ run, image }) => `${run}${image}`)).toEqual(['a0', 'a1', 'b0', 'b1'])
  })
  it.each([
    ['class=5', ['a0', 'b0']],
    ['seed=2', ['b0', 'b1']],
    ['kind=ar&class=5', ['a0']],
    ['class=x', ['a0', 'a1', 'b0', 'b1']],
    ['class=6', []],
  ])('filtered by %s', (search, expected) => {
    const filter = filterOf(Object.fromEntries(new URLSearchParams(search)))
    expect(galleryOf(runs, images, filter).map(({ run, image }) => `${run}${image}`)).toEqual(expected)
  })
})
