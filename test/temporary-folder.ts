// A folder for one test file, removed afterwards.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

export interface TemporaryFolder {
  readonly path: string
  /** Writes a file, or copies one, and its folders. Returns its path. */
  write(name: string, content: string | Uint8Array): string
  copy(name: string, from: string): string
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'digit-test-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  const placeFor = (name: string): string => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    return join(path, name)
  }
  return {
    path,
    write(name, content) {
      writeFileSync(placeFor(name), content)
      return join(path, name)
    },
    copy(name, from) {
      copyFileSync(from, placeFor(name))
      return join(path, name)
    },
  }
}
