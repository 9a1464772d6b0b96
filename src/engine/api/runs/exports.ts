// The part of the contract for exports: one export at a time, independent of the queue of runs.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import {
  exportKey,
  FIGURE_FORMATS,
  type ExportApi,
  type ExportHostApi,
  type ExportOptions,
  type ExportTarget,
  type WorkspaceExport,
} from '../../../shared/run/exports.ts'
import { exportRun } from '../../paper/export.ts'
import {
  clearEarlier,
  clearLeft,
  copyExportTo,
  exportedAt,
  exportedFiles,
  exportFolder,
  exportPiece,
  refuseEarlier,
  zipExport,
} from '../../workspace/export-files.ts'
import { makeFigure } from '../../paper/figure.ts'
import { figurePath } from '../../workspace/figure-folders.ts'
import { readRun, runFolder } from '../../records/workspace.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'
import { jobsOf, oneAtATime, type Step } from '../jobs.ts'

const PROGRESS_MS = 100

type ExportCalls = ExportApi & ExportHostApi

export function exportCalls({ workspace, events }: Pick<EngineContext, 'workspace' | 'events'>): ExportCalls {
  /** Notes for the author about exports of this session. */
  const notes = new Map<string, readonly string[]>()
  const shown = async (target: ExportTarget): Promise<WorkspaceExport> => {
    const key = exportKey(target)
    const files = await exportedFiles(workspace, target)
    const current = target.kind === 'figure' ? await isCurrent(workspace, target) : undefined
    const status = jobs.get(key)?.status
    return {
      target,
      files,
      notes: notes.get(key) ?? [],
      ...(status ? { status } : {}),
      ...(current === undefined ? {} : { current }),
    }
  }
  const jobs = jobsOf<ExportTarget, WorkspaceExport>({
    noun: 'export',
    line: oneAtATime(),
    show: (_, job) => shown(job!.subject),
    changed: events.exportChanged,
    progressMs: PROGRESS_MS,
  })
  const hidden = ['runs', 'figures', 'exports', ''].map((name) => join(workspace, name))

  const write =
    (target: ExportTarget, options: ExportOptions): Step =>
    async (callbacks) => {
      callbacks.progress(0, 1, 'reading')
      const { summary, notes: told } = await perform(workspace, target, options, callbacks)
      if (options.zip) await zipExport(workspace, target, callbacks)
      notes.set(
        exportKey(target),
        told.map((note) => withoutFolders(note, hidden)),
      )
      return { finished: 1, summary }
    }
  return {
    readExport: shown,
    async startExport(target, options) {
      const key = exportKey(target)
      if (jobs.isOpen(key)) throw new RequestError('this export is already running')
      if (target.kind === 'run' && (await readRun(workspace, target.run)).images.length === 0)
        throw new RequestError(`run '${target.run}': no finished images`)
      if (!options.replace) await refuseEarlier(workspace, target)
      notes.delete(key)
      await jobs.start(key, { subject: target, steps: [write(target, options)], hidden })
    },
    cancelExport: (target) => jobs.cancel(exportKey(target)),
    readExportPiece: (target, file, offset) => exportPiece(workspace, target, file, offset),
    copyExport: (target, folder, replace) => copyExportTo(workspace, target, folder, replace),
    exportPath: async (target) => exportFolder(workspace, target),
  }
}

/** Whether the files match the current figure; undefined if either is missing. */
async function isCurrent(
  workspace: string,
  target: Extract<ExportTarget, { kind: 'figure' }>,
): Promise<boolean | undefined> {
  const written = await exportedAt(workspace, target)
  const changed = (await stat(figurePath(workspace, target.figure)).catch(() => undefined))?.mtimeMs
  return written === undefined || changed === undefined ? undefined : written >= changed
}

async function perform(
  workspace: string,
  target: ExportTarget,
  { formats, shuffle, replace }: ExportOptions,
  callbacks: Parameters<Step>[0],
): Promise<{ summary: string; notes: readonly string[] }> {
  if (replace) await clearEarlier(workspace, target)
  if (target.kind === 'run') {
    const run = runFolder(workspace, target.run)
    const out = exportFolder(workspace, target)
    const seed = shuffle === undefined ? {} : { shuffle }
    return exportRun({ run, as: target.as, out, force: replace, ...seed }, callbacks)
  }
  const path = figurePath(workspace, target.figure)
  const { files, notes } = await makeFigure({
    path,
    formats: formats ?? FIGURE_FORMATS,
    force: replace,
    workspace,
    callbacks,
  })
  await clearLeft(workspace, target, files)
  return { summary: `${files.length} files`, notes }
}
