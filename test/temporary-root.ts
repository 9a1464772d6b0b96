// One temporary folder for all tests of a run, removed after it: what a killed process leaves is in it too.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath } from './e2e/stage/chromium.ts'

export default async function setup(): Promise<() => void> {
  // The package unpacks its Chromium into the temporary folder: once, not in every run.
  process.env.DIGIT_CHROMIUM ??= await chromiumPath()
  const root = mkdtempSync(join(tmpdir(), 'digit-'))
  Object.assign(process.env, { TMPDIR: root, TEMP: root })
  return () => rmSync(root, { recursive: true, force: true, maxRetries: 3 })
}
