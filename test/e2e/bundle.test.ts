import { expect, it } from 'vitest'
import { BUILT } from '../built.ts'
import { BUDGET, bundleSizes } from './stage/bundle.ts'

it('the built page stays within its size limit', () => {
  const { first, all, files } = bundleSizes(BUILT.page)
  console.log(`page: ${first} bytes for the first view, ${all} in all, compressed, in ${files.length} files`)
  expect(files.length).toBeGreaterThan(1)
  expect(first).toBeGreaterThan(10_000)
  expect(first).toBeLessThan(BUDGET.first)
  expect(all).toBeLessThan(BUDGET.all)
})
