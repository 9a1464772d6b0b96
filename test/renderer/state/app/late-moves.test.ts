// Work that takes a while must not pull a person away from the page they went to meanwhile.
import { beforeAll, expect, it, vi } from 'vitest'

beforeAll(() => {
  vi.stubGlobal('location', { hash: '#/sample' })
  vi.stubGlobal('history', { pushState() {}, replaceState() {} })
})

it('moves to a result only from the page where the work began', async () => {
  const { address, go, ifStillHere } = await import('../../../../src/renderer/state/app/address.ts')
  go({ page: 'sample' })
  const ifHere = ifStillHere()
  ifHere(() => go({ page: 'sample', query: { run: 'first' } }))
  expect(address.value.query.run).toBe('first')
  go({ page: 'clusters' })
  ifHere(() => go({ page: 'sample', query: { run: 'second' } }))
  expect(address.value).toEqual({ page: 'clusters', query: {} })
})
