// Input paths -> absolute paths, and a run folder name that is unique to them.
import { createHash } from 'node:crypto'
import { basename, extname, resolve } from 'node:path'

export const resolveAll = (paths: readonly string[]): string[] => paths.map((path) => resolve(path))

/** `cat-1f0c9a`: the first name and a digest of all paths. */
export function inputsName(paths: readonly string[]): string {
  const first = resolve(paths[0] ?? '')
  const digest = createHash('sha256').update(resolveAll(paths).join('\n')).digest('hex').slice(0, 6)
  return `${basename(first, extname(first))}-${digest}`
}
