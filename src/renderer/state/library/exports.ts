// Exports: their status, start and cancel, and download.
import { shallowReactive, shallowRef } from 'vue'
import {
  EXPORT_TITLES,
  exportKey,
  type ExportOptions,
  type ExportTarget,
  type WorkspaceExport,
} from '../../../shared/run/exports.ts'
import { shell } from '../../shell.ts'
import { calls } from '../app/calls.ts'
import { notify } from '../app/notices.ts'
import { attempt, report } from '../app/problems.ts'

const states = shallowReactive(new Map<string, WorkspaceExport>())
/** An export waiting for confirmation to replace files. */
export const replacing = shallowRef<{ readonly text: string; readonly go: () => void }>()

export const exportOf = (target: ExportTarget): WorkspaceExport | undefined => states.get(exportKey(target))

export function putExport(state: WorkspaceExport): void {
  states.set(exportKey(state.target), Object.freeze(state))
  const { status, target } = state
  if (target.kind !== 'run' || !status) return
  // Exports of runs are started from a list, which shows their progress.
  if (status.state === 'failed') report(`Could not export run ${target.run}`, new Error(status.error.message))
  if (status.state === 'done') handOver(target, state)
}

function handOver(target: ExportTarget & { kind: 'run' }, { files, notes }: WorkspaceExport): void {
  const [text, ...more] = [`Exported: ${EXPORT_TITLES[target.as]}`, ...notes]
  const archive = files.find(({ name }) => name.endsWith('.zip'))
  const act = shell
    ? { text: 'Save', press: () => void saveExport(target) }
    : archive
      ? { text: 'Download', press: () => void download(target, archive.name) }
      : undefined
  notify([text, ...more].join('. '), act)
}

export async function refreshExport(target: ExportTarget): Promise<void> {
  const state = await attempt('Could not list the exported files', () => calls().readExport(target))
  if (state) states.set(exportKey(target), Object.freeze(state))
}

/** Starts an export; files of an earlier one are replaced only after confirmation. */
export async function startExport(
  target: ExportTarget,
  options: Omit<ExportOptions, 'zip' | 'replace'>,
  replace = false,
): Promise<void> {
  try {
    await calls().startExport(target, { ...options, zip: !shell, replace })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConflictError')
      return report('Could not start the export', error)
    const go = () => {
      replacing.value = undefined
      void startExport(target, options, true)
    }
    replacing.value = { text: error.message, go }
  }
}

export const cancelExport = (target: ExportTarget) =>
  attempt('Could not stop the export', () => calls().cancelExport(target))

/** Desktop: asks for a folder and saves the files there. */
export const saveExport = (target: ExportTarget) =>
  attempt('Could not save the files', async () => shell?.saveExport({ ...target }))
export const showExport = (target: ExportTarget) =>
  attempt('Could not show the folder', async () => shell?.showExport({ ...target }))

/** Browser: fetches the file in pieces, then offers it as a download. */
export async function download(target: ExportTarget, file: string): Promise<void> {
  await attempt(`Could not download ${file}`, async () => {
    const pieces: BlobPart[] = []
    for (let offset = 0; ;) {
      const piece = await calls().readExportPiece(target, file, offset)
      if (piece.length === 0) break
      pieces.push(Uint8Array.from(piece))
      offset += piece.length
    }
    const url = URL.createObjectURL(new Blob(pieces, { type: 'application/octet-stream' }))
    const link = document.createElement('a')
    link.href = url
    link.download = file
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
  })
}
