// Runs -> the rows of the Library's list: what was made from an image is listed under the run of that image.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'

export interface RunRow {
  readonly run: WorkspaceRun
  /** 0 for a run of its own. */
  readonly depth: number
  /** Runs made from its images, listed or not. */
  readonly children: number
  readonly isOpen: boolean
}

/**
 * Rows in the order of `runs`. Children are listed where their run is open; a run whose source is not among `runs` is
 * one of its own.
 */
export function runRows(
  runs: readonly WorkspaceRun[],
  open: ReadonlySet<string>,
  chosen?: string,
): readonly RunRow[] {
  const byId = new Map(runs.map((run) => [run.id, run]))
  const sourceOf = ({ id, request }: WorkspaceRun) => {
    const from = request?.from?.run
    return from !== undefined && from !== id && byId.has(from) ? from : undefined
  }
  const children = new Map<string, WorkspaceRun[]>()
  for (const run of runs) {
    const source = sourceOf(run)
    if (source !== undefined) children.set(source, [...(children.get(source) ?? []), run])
  }
  // The chosen run is always in sight.
  const shown = new Set(open)
  for (let run = chosen === undefined ? undefined : byId.get(chosen); run;) {
    const source = sourceOf(run)
    run = source === undefined || shown.has(source) ? undefined : byId.get(source)
    if (source !== undefined) shown.add(source)
  }
  const rowsOf = (run: WorkspaceRun, depth: number): RunRow[] => {
    const own = children.get(run.id) ?? []
    const isOpen = own.length > 0 && shown.has(run.id)
    const row = { run, depth, children: own.length, isOpen }
    return [row, ...(isOpen ? own.flatMap((child) => rowsOf(child, depth + 1)) : [])]
  }
  return runs.filter((run) => sourceOf(run) === undefined).flatMap((run) => rowsOf(run, 0))
}
