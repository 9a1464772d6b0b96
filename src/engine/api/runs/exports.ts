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
import type { ColourSource } from '../../paper/figure-colours.ts'
import { makeFigure } from '../../paper/figure.ts'
import { publishFigure } from '../../paper/publish/publish.ts'
import { figurePath } from '../../workspace/figure-folders.ts'
import { readRun, runFolder } from '../../records/workspace.ts'
import type { EngineContext } from '../context.ts'
import { withoutFolders } from '../folders.ts'
import { jobsOf, oneAtATime, type Step } from '../jobs.ts'
import { openLabels } from './open-labels.ts'

const PROGRESS_MS = 100

type ExportCalls = ExportApi & ExportHostApi

interface ExportContext extends Pick<EngineContext, 'workspace' | 'events' | 'modelsInUse'> {
  /** Colors of tokens in figures. */
  readonly colours: ColourSource
}

export function exportCalls(context: ExportContext): ExportCalls {
  const { workspace, events } = context
  /** Notes for the author about exports of this session. */
  const notes = new Map<string, readonly string[]>()
  const shown = async (target: ExportTarget): Promise<WorkspaceExport> => {
    const key = exportKey(target)
    const files = await exportedFiles(workspace, target)
    const current = target.kind === 'run' ? undefined : await isCurrent(workspace, target)
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
      const { summary, notes: told } = await perform(context, target, options, callbacks)
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
  target: Extract<ExportTarget, { figure: string }>,
): Promise<boolean | undefined> {
  const written = await exportedAt(workspace, target)
  const changed = (await stat(figurePath(workspace, target.figure)).catch(() => undefined))?.mtimeMs
  return written === undefined || changed === undefined ? undefined : written >= changed
}

async function perform(
  { workspace, modelsInUse, colours }: ExportContext,
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
  if (target.kind === 'published') {
    const out = exportFolder(workspace, target)
    const labels = await openLabels(workspace, modelsInUse)
    const made = await publishFigure({ path, out, force: replace, workspace, labels, colours }, callbacks)
    const size = `${made.files} files, ${(made.bytes / 1e6).toFixed(1)} MB`
    return { summary: `${made.images} ${made.images === 1 ? 'image' : 'images'}, ${size}`, notes: made.notes }
  }
  const { files, notes } = await makeFigure({
    path,
    formats: formats ?? FIGURE_FORMATS,
    force: replace,
    workspace,
    colours,
    callbacks,
  })
  await clearLeft(workspace, target, files)
  return { summary: `${files.length} files`, notes }
}
