// Input paths -> absolute paths, and a run folder name that is unique to them.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { FigureIdSchema } from '../shared/run/exports.ts'

const MAX_CHARACTERS = 40

export const resolveAll = (paths: readonly string[]): string[] => paths.map((path) => resolve(path))

/** `cat-1f0c9a`: the first name and a digest of all paths. */
export function inputsName(paths: readonly string[]): string {
  const first = resolve(paths[0] ?? '')
  const digest = createHash('sha256').update(resolveAll(paths).join('\n')).digest('hex').slice(0, 6)
  // A name may have 255 bytes, four of which are one character; commands put words around it.
  const name = Array.from(basename(first, extname(first)))
    .slice(0, MAX_CHARACTERS)
    .join('')
  return `${name}-${digest}`
}

/** A path as it is, or the figure.json of a figure of the workspace by its name. */
export function figurePath(figure: string, workspace: string): string {
  const kept = join(workspace, 'figures', figure, 'figure.json')
  const isName = !existsSync(figure) && FigureIdSchema.safeParse(figure).success && existsSync(kept)
  return isName ? kept : figure
}
