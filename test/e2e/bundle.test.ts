import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporary-folder.ts'
import { BUDGET, bundleSizes } from './bundle.ts'
import { buildPage } from './workbench.ts'

it('the built page stays within its size limit', () => {
  const outDir = `${temporaryFolder().path}/page`
  buildPage(outDir)
  const { first, all, files } = bundleSizes(outDir)
  console.log(`page: ${first} bytes for the first view, ${all} in all, compressed, in ${files.length} files`)
  expect(files.length).toBeGreaterThan(1)
  expect(first).toBeGreaterThan(10_000)
  expect(first).toBeLessThan(BUDGET.first)
  expect(all).toBeLessThan(BUDGET.all)
})
