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

  it.each(['', '#', '#/nothing/here', '#/%E0%A4%A', '#//'])('%s is the Sample page', (hash) => {
    expect(parseAddress(hash)).toEqual({ page: 'sample', query: {} })
  })

  it.each(['x', '-1', '1.5', ''])('image %s is invalid', (image) => {
    expect(parseAddress(`#/inspect/run/${image}`)).toEqual({ page: 'inspect', run: 'run', query: {} })
  })
})
