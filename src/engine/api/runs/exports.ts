// The part of the contract that is about files that leave the workbench: one export at a time, beside runs at work.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import {
  exportKey,
  type ExportApi,
  type ExportEvents,
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
import { FIGURE_FORMATS } from '../../../shared/run/exports.ts'
import { makeFigure, type FigureCallbacks } from '../../paper/figure.ts'
import { figurePath } from '../../workspace/figure-folders.ts'
import { readRun, runFolder } from '../../records/workspace.ts'
import { withoutFolders } from '../folders.ts'

interface Job {
  readonly target: ExportTarget
  readonly controller: AbortController
  status: RunStatus
  notes: readonly string[]
}

/** Between two events of one export. */
const TELL_MS = 100
const isOpen = ({ state }: RunStatus) => state === 'queued' || state === 'running'

export function exportCalls(workspace: string, { exportChanged }: ExportEvents): ExportApi & ExportHostApi {
  const jobs = new Map<string, Job>()
  let last: Promise<void> = Promise.resolve()

  const shown = async (target: ExportTarget): Promise<WorkspaceExport> => {
    const job = jobs.get(exportKey(target))
    const written = target.kind === 'figure' ? await exportedAt(workspace, target) : undefined
    const changed =
      target.kind === 'figure'
        ? (await stat(figurePath(workspace, target.figure)).catch(() => undefined))?.mtimeMs
        : undefined
    return {
      target,
      files: await exportedFiles(workspace, target),
      notes: job?.notes ?? [],
      ...(job ? { status: job.status } : {}),
      ...(written !== undefined && changed !== undefined ? { current: written >= changed } : {}),
    }
  }
  const become = async (job: Job, status: RunStatus) => {
    job.status = status
    exportChanged(await shown(job.target))
  }
  const plain = (text: string) =>
    withoutFolders(
      text,
      ['runs', 'figures', 'exports', ''].map((name) => join(workspace, name)),
    )

  const work = async (job: Job, options: ExportOptions) => {
    const { signal } = job.controller
    if (signal.aborted) return
    let told = 0
    const callbacks: FigureCallbacks = {
      signal,
      progress(step, of, note) {
        job.status = { state: 'running', step, of, note }
        if (performance.now() - told < TELL_MS) return
        told = performance.now()
        void become(job, job.status)
      },
    }
    try {
      await become(job, { state: 'running', step: 0, of: 1, note: 'reading' })
      const { summary, notes } = await perform(workspace, job.target, options, callbacks)
      if (options.zip) await zipExport(workspace, job.target, callbacks)
      job.notes = notes.map(plain)
      await become(job, { state: 'done', finished: 1, summary: plain(summary) })
    } catch (error) {
      const { name, message } = error as Error
      if (signal.aborted) await become(job, { state: 'cancelled', finished: 0 })
      else await become(job, { state: 'failed', finished: 0, error: { name, message: plain(message) } })
    }
  }
  return {
    readExport: shown,
    async startExport(target, options) {
      const key = exportKey(target)
      const open = jobs.get(key)
      if (open && isOpen(open.status)) throw new RequestError('this export is at work already')
      if (target.kind === 'run' && (await readRun(workspace, target.run)).images.length === 0)
        throw new RequestError(`run '${target.run}' has no finished images`)
      if (!options.replace) await refuseEarlier(workspace, target)
      const job: Job = { target, controller: new AbortController(), status: { state: 'queued' }, notes: [] }
      jobs.set(key, job)
      await become(job, job.status)
      last = last.then(() => work(job, options))
    },
    async cancelExport(target) {
      const job = jobs.get(exportKey(target))
      if (!job || !isOpen(job.status)) return
      job.controller.abort(new RequestError('cancelled'))
      if (job.status.state === 'queued') await become(job, { state: 'cancelled', finished: 0 })
    },
    readExportPiece: (target, file, offset) => exportPiece(workspace, target, file, offset),
    copyExport: (target, folder, replace) => copyExportTo(workspace, target, folder, replace),
    exportPath: async (target) => exportFolder(workspace, target),
  }
}

async function perform(
  workspace: string,
  target: ExportTarget,
  { formats, shuffle, replace }: ExportOptions,
  callbacks: FigureCallbacks,
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
