// Files that a page uploads to the workspace piece by piece.
import * as z from 'zod'

/** Bytes of a piece, which with its frame fits into one message of a socket. */
export const PIECE_BYTES = 2 ** 19
/** Files of one copy. */
export const MAX_COPIED_FILES = 1000
/** Larger than any model. */
const MAX_FILE_BYTES = 2 ** 40

/** File systems allow 255; a copy of a name that is taken gets a number. */
export const MAX_NAME_BYTES = 240

/** A part of a path on every system: no separator, no drive, no control character, no way to another folder. */
const nameSchema = z
  .string()
  .min(1)
  .max(200)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^/\\:*?"<>|\u0000-\u001f]+$/, 'not a valid file name')
  .refine((name) => new TextEncoder().encode(name).length <= MAX_NAME_BYTES, {
    error: `file name too long (expected at most ${MAX_NAME_BYTES} bytes)`,
  })
  .refine((name) => !/^\.+$/.test(name) && !/[. ]$/.test(name), 'not a valid file name')

export const CopiedFileSchema = z.object({
  /** Folders and file name, starting with the dropped folder: `['DiGIT', 'models', 'vqgan.ckpt']`. */
  path: z.array(nameSchema).min(1).max(12),
  bytes: z.number().int().min(0).max(MAX_FILE_BYTES),
  /** Time of the last change in milliseconds; a file changed since is copied again. */
  modified: z.number(),
})
export type CopiedFile = z.infer<typeof CopiedFileSchema>

export const CopiedFilesSchema = z.array(CopiedFileSchema).min(1).max(MAX_COPIED_FILES)

/** Purpose of a copy: models are opened, images become image sets. */
export const COPY_PURPOSES = ['models', 'images'] as const
export type CopyPurpose = (typeof COPY_PURPOSES)[number]

/** Files copied for image sets; others are skipped. */
export const IMAGE_ENDINGS = /\.(png|jpe?g|webp|ppm|pgm|bmp|tiff?|npz)$/i

export interface CopyState {
  /** Id of the copy; the same for the same files. */
  readonly copy: string
  /** Bytes of each file already copied. */
  readonly have: readonly number[]
}
