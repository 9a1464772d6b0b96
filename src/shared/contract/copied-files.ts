// Files that a page hands to the engine piece by piece, to be kept in the workspace.
import { z } from 'zod'

/** Bytes of a piece; with its frame it stays below what a socket takes in one message. */
export const PIECE_BYTES = 2 ** 19
/** Files of one copy. */
export const MAX_COPIED_FILES = 1000
/** No model is larger. */
const MAX_FILE_BYTES = 2 ** 40

/** A part of a path on every system: no separator, no drive, no control character, nothing that leads elsewhere. */
const nameSchema = z
  .string()
  .min(1)
  .max(200)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^/\\:*?"<>|\u0000-\u001f]+$/, 'not a valid file name')
  .refine((name) => !/^\.+$/.test(name) && !/[. ]$/.test(name), 'not a valid file name')

export const CopiedFileSchema = z.object({
  /** Folders and file name, below the folder that was dropped: `['DiGIT', 'models', 'vqgan.ckpt']`. */
  path: z.array(nameSchema).min(1).max(12),
  bytes: z.number().int().min(0).max(MAX_FILE_BYTES),
  /** When it was last changed, in milliseconds: a file that was changed since is copied again. */
  modified: z.number(),
})
export type CopiedFile = z.infer<typeof CopiedFileSchema>

export const CopiedFilesSchema = z.array(CopiedFileSchema).min(1).max(MAX_COPIED_FILES)

/** What copies are made for: models are opened, images can then be measured. */
export const COPY_PURPOSES = ['models', 'images'] as const
export type CopyPurpose = (typeof COPY_PURPOSES)[number]

/** Files of image sets that are copied; others are left out. */
export const IMAGE_ENDINGS = /\.(png|jpe?g|webp|ppm|pgm|bmp|tiff?|npz)$/i

export interface CopyState {
  /** The same for the same files. */
  readonly copy: string
  /** Bytes of each file that are there already. */
  readonly have: readonly number[]
}
