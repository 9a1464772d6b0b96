// One temporary folder for all tests of a run, removed after it: what a killed process leaves is in it too.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), 'digit-'))
  Object.assign(process.env, { TMPDIR: root, TEMP: root })
  return () => rmSync(root, { recursive: true, force: true, maxRetries: 3 })
}
