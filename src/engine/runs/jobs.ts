// A sampling specification -> its images, with their classes and captions.
import type { SampleSpec } from '../../shared/run/run.ts'
import type { ImageJob } from '../records/image-record.ts'

/** The images of this shard; they cycle through the classes. */
export function jobsOf({ classes, count, shards, shard, from }: SampleSpec): ImageJob[] {
  const jobs: ImageJob[] = []
  for (let image = shard; image < count; image += shards) {
    const label = classes[image % classes.length]
    jobs.push({ image, ...(label === undefined ? {} : { class: label }), ...(from ? { from } : {}) })
  }
  return jobs
}

/** Names of the requested classes, for the record; nothing if the models have none. */
export function namedClasses(
  { classes }: SampleSpec,
  classNames: readonly string[],
): { readonly classNames?: Readonly<Record<string, string>> } {
  const named = classes.flatMap((label) =>
    label in classNames ? [[label, classNames[label]!] as const] : [],
  )
  return named.length > 0 ? { classNames: Object.fromEntries(named) } : {}
}

export const captionOf = ({ image, class: label }: ImageJob, classNames: readonly string[]): string =>
  label === undefined ? String(image) : (classNames[label] ?? `class ${label}`)
