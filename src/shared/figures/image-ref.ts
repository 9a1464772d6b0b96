// How a figure refers to its images, and the keys of what is stored about them.
import * as z from 'zod'
import { ImageNumberSchema } from '../run/run.ts'

/** In pixels of the image. */
export const RegionSchema = z.strictObject({
  x: z.number().int().min(0),
  y: z.number().int().min(0),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
})
export type Region = z.infer<typeof RegionSchema>

/** An image file, or an image of a run folder. Paths are relative to the figure's file. */
export const ImageRefSchema = z.union([
  z.strictObject({ run: z.string().min(1), image: ImageNumberSchema }),
  z.strictObject({ file: z.string().min(1) }),
])
export type ImageRef = z.infer<typeof ImageRefSchema>

/** One key per image: equal for equal references. */
export const refKey = (ref: ImageRef): string => ('file' in ref ? ref.file : `${ref.run}#${ref.image}`)
