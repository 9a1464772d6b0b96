// Size of the built page, compressed as sent to a browser.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Compressed bytes: for the first page, and for all scripts and styles. */
export const BUDGET = { first: 175_000, all: 600_000 } as const

export interface BundleSizes {
  /** Scripts and styles that index.html names. */
  readonly first: number
  readonly all: number
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly compressed: number }[]
}

export function bundleSizes(folder: string): BundleSizes {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|css)$/.test(name))
    .map((name) => {
      const content = readFileSync(join(folder, name))
      return { name, bytes: content.length, compressed: gzipSync(content).length }
    })
    .sort((a, b) => b.compressed - a.compressed)
  const sum = (of: typeof files) => of.reduce((total, { compressed }) => total + compressed, 0)
  return {
    first: sum(files.filter(({ name }) => html.includes(name.replaceAll('\\', '/')))),
    all: sum(files),
    files,
  }
}
