// Files that leave the workbench: figures and runs in forms that others read, made as jobs and handed over.
import { z } from 'zod'
import { RunIdSchema, type RunStatus } from './run.ts'
import type { CallSchemas } from '../rpc/serve.ts'

export const FIGURE_FORMATS = ['pdf', 'svg', 'png', 'paper'] as const
/** `paper`: the LaTeX snippet, the data behind charts, BibTeX and words for the methods section. */
export type FigureFormat = (typeof FIGURE_FORMATS)[number]

export const EXPORT_FORMS = ['folder', 'adm', 'codecs', 'html'] as const
export type ExportForm = (typeof EXPORT_FORMS)[number]

/** The name of a figure's folder, and what its outputs are called: LaTeX takes it as it is. */
export const FigureIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]{0,63}$/,
    'not a valid figure name (up to 64 letters, digits and . _ -, starting with a letter or digit)',
  )

/** What is exported; each has one place in the workspace. */
export const ExportTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('figure'), figure: FigureIdSchema }),
  z.object({ kind: z.literal('run'), run: RunIdSchema, as: z.enum(EXPORT_FORMS) }),
])
export type ExportTarget = z.infer<typeof ExportTargetSchema>

export const ExportOptionsSchema = z.object({
  /** Of a figure. */
  formats: z.array(z.enum(FIGURE_FORMATS)).max(FIGURE_FORMATS.length).optional(),
  /** Of a run as ADM reads it: seed of numpy's shuffle. */
  shuffle: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  /** All files in one besides, for a browser. */
  zip: z.boolean(),
  /** Files of an earlier export may be replaced; else they are refused with a ConflictError. */
  replace: z.boolean(),
})
export type ExportOptions = z.infer<typeof ExportOptionsSchema>

export interface ExportedFile {
  readonly name: string
  readonly bytes: number
}

export interface WorkspaceExport {
  readonly target: ExportTarget
  /** Absent where nothing was exported in this session. */
  readonly status?: RunStatus
  /** What lies there, the archive last; images of a folder or a gallery are not among it. */
  readonly files: readonly ExportedFile[]
  /** What an author may want to know, after an export of this session. */
  readonly notes: readonly string[]
  /** Whether the files are of the figure as it is now. */
  readonly current?: boolean
}

/** A piece of an exported file. */
export const EXPORT_PIECE_BYTES = 2 ** 22

export interface ExportApi {
  readExport(target: ExportTarget): Promise<WorkspaceExport>
  /** Begins; `exportChanged` tells the rest. Refused with a ConflictError where files would be replaced unasked. */
  startExport(target: ExportTarget, options: ExportOptions): Promise<void>
  /** Stops between two images; what is finished stays. */
  cancelExport(target: ExportTarget): Promise<void>
  /** Up to EXPORT_PIECE_BYTES of a file from an offset; empty behind its end. */
  readExportPiece(target: ExportTarget, file: string, offset: number): Promise<Uint8Array>
}

/** What a host on this machine may ask besides. */
export interface ExportHostApi {
  /** Copies everything of an export into a folder that a person chose; answers what is there then. */
  copyExport(target: ExportTarget, folder: string, replace: boolean): Promise<string>
  /** Where it lies. */
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

/** `figure:samples`, `run:20261123-044438-5f0c:adm`. */
export const exportKey = (target: ExportTarget): string =>
  target.kind === 'figure' ? `figure:${target.figure}` : `run:${target.run}:${target.as}`
