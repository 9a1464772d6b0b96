// Addresses of views, round trip.
import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../../../src/renderer/state/app/address.ts'

describe('addresses', () => {
  it.each([
    ['#/sample', { page: 'sample', query: {} }],
    [
      '#/library/20261123-050908-8585?class=3',
      { page: 'library', run: '20261123-050908-8585', query: { class: '3' } },
    ],
    [
      '#/inspect/a%2Fb/12?cell=7&layer=rank',
      { page: 'inspect', run: 'a/b', image: 12, query: { cell: '7', layer: 'rank' } },
    ],
    ['#/models', { page: 'models', query: {} }],
  ] as const)('%s', (hash, address) => {
    expect(parseAddress(hash)).toEqual(address)
    expect(formatAddress(address)).toBe(hash)
  })

  /** Of every page of 0.1, as its tests and its buttons wrote them. */
  it.each([
    ['#/sample/20261129-042642-4b59/1?grid=codes&side=intervene', 'sample'],
    ['#/library/20261129-042642-4b59?favourites=1&kind=nar', 'library'],
    ['#/compare?images=20261129-042642-4b59%2F0-3&step=7', 'compare'],
    ['#/inspect/20261129-042701-993a%40temperature20.9/1?layer=rank&cell=7&overlay=60', 'inspect'],
    ['#/clusters/set.a59324448286.18808b16-discriminative/7?view=pictures', 'clusters'],
    ['#/regions/7d9566a4e4f06e81?of=picture&tokens=codes', 'regions'],
    ['#/codebooks?a=x&b=y', 'codebooks'],
    ['#/evaluate?samples=run%3A20261129-042642-4b59&protocol=dinov2', 'evaluate'],
    ['#/published?table=probe', 'published'],
    ['#/curves/20261129-042701-993a?view=curve&a=temperature20.9&b=temperature21.1', 'curves'],
    ['#/figures/samples?panel=1&cell=2', 'figures'],
    ['#/models', 'models'],
  ])('%s of 0.1 still leads to its page, with everything it says', (hash, page) => {
    const address = parseAddress(hash)
    expect(address.page).toBe(page)
    expect(formatAddress(address)).toBe(hash)
  })

  it('an axis is found by the name that 0.1 gave it', () => {
    expect(parseAddress('#/curves/sweep?view=curve&x=temperature2').query.x).toBe('stage2-temperature')
    expect(parseAddress('#/curves/sweep?view=curve&x=checkpoint2').query.x).toBe('stage2-checkpoint')
    expect(parseAddress('#/curves/sweep?view=curve&x=topk').query.x).toBe('topk')
  })

  it.each(['', '#', '#/nothing/here', '#/%E0%A4%A', '#//'])('%s is the Sample page', (hash) => {
    expect(parseAddress(hash)).toEqual({ page: 'sample', query: {} })
  })

  it.each(['x', '-1', '1.5', ''])('image %s is invalid', (image) => {
    expect(parseAddress(`#/inspect/run/${image}`)).toEqual({ page: 'inspect', run: 'run', query: {} })
  })
})
