// Exports: figures and runs in formats for other programs, created as jobs and downloaded in chunks.
import * as z from 'zod'
import { RunIdSchema, type RunStatus } from './run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

export const FIGURE_FORMATS = ['pdf', 'svg', 'png', 'paper'] as const
/** `paper`: the LaTeX snippet, the data behind charts, BibTeX and text for the methods section. */
export type FigureFormat = (typeof FIGURE_FORMATS)[number]

export const EXPORT_FORMS = ['folder', 'adm', 'codecs', 'html'] as const
export type ExportForm = (typeof EXPORT_FORMS)[number]
export const EXPORT_TITLES: Readonly<Record<ExportForm, string>> = {
  folder: 'PNG files',
  adm: 'ADM batch',
  codecs: 'Token grids',
  html: 'Gallery',
}

/** The name of a figure's folder and the base name of its outputs; valid in LaTeX without escaping. */
export const FigureIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/,
    'not a valid figure name (up to 64 letters, digits and . _ -, starting with a letter or digit)',
  )

/** What is exported; each target has one folder in the workspace. */
export const ExportTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('figure'), figure: FigureIdSchema }),
  z.object({ kind: z.literal('published'), figure: FigureIdSchema }),
  z.object({ kind: z.literal('run'), run: RunIdSchema, as: z.enum(EXPORT_FORMS) }),
])
export type ExportTarget = z.infer<typeof ExportTargetSchema>

export const ExportOptionsSchema = z.object({
  /** For a figure. */
  formats: z.array(z.enum(FIGURE_FORMATS)).max(FIGURE_FORMATS.length).optional(),
  /** For a run as an ADM batch: seed of numpy's shuffle. */
  shuffle: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  /** Also packs all files into one archive, for download in a browser. */
  zip: z.boolean(),
  /** Overwrites files of an earlier export; otherwise throws ConflictError. */
  replace: z.boolean(),
})
export type ExportOptions = z.infer<typeof ExportOptionsSchema>

export interface ExportedFile {
  readonly name: string
  readonly bytes: number
}

export interface WorkspaceExport {
  readonly target: ExportTarget
  /** Absent if nothing was exported in this session. */
  readonly status?: RunStatus
  /** The exported files, the archive last; images of a folder or a gallery are not listed. */
  readonly files: readonly ExportedFile[]
  /** Notes for the author, after an export of this session. */
  readonly notes: readonly string[]
  /** Whether the files match the current figure. */
  readonly current?: boolean
}

/** A chunk of an exported file. */
export const EXPORT_PIECE_BYTES = 2 ** 22

export interface ExportApi {
  readExport(target: ExportTarget): Promise<WorkspaceExport>
  /**
   * Starts the export; `exportChanged` reports progress. Throws ConflictError instead of overwriting files.
   */
  startExport(target: ExportTarget, options: ExportOptions): Promise<void>
  /** Stops between two images; finished files stay. */
  cancelExport(target: ExportTarget): Promise<void>
  /** Up to EXPORT_PIECE_BYTES of a file from an offset; empty past its end. */
  readExportPiece(target: ExportTarget, file: string, offset: number): Promise<Uint8Array>
}

/** Additional calls for a host on this machine. */
export interface ExportHostApi {
  /** Copies an export to a folder the user chose; returns the resulting path. */
  copyExport(target: ExportTarget, folder: string, replace: boolean): Promise<string>
  /** Its path on disk. */
  exportPath(target: ExportTarget): Promise<string>
}

export interface ExportEvents {
  exportChanged(state: WorkspaceExport): void
}

export const EXPORT_CALLS: CallSchemas<ExportApi> = {
  readExport: z.tuple([ExportTargetSchema]),
  startExport: z.tuple([ExportTargetSchema, ExportOptionsSchema]),
  cancelExport: z.tuple([ExportTargetSchema]),
  readExportPiece: z.tuple([ExportTargetSchema, z.string().min(1).max(300), z.number().int().min(0)]),
}

export const EXPORT_HOST_CALLS: CallSchemas<ExportHostApi> = {
  copyExport: z.tuple([ExportTargetSchema, z.string().min(1), z.boolean()]),
  exportPath: z.tuple([ExportTargetSchema]),
}

/** `figure:samples`, `published:samples`, `run:20261123-044438-5f0c:adm`. */
export const exportKey = (target: ExportTarget): string =>
  target.kind === 'run' ? `run:${target.run}:${target.as}` : `${target.kind}:${target.figure}`
