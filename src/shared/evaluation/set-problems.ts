// What is wrong with the images of sets that are to be measured: everything at once, so that it is mended once.
import { RequestError } from '../errors.ts'

/** An image that cannot be read. */
export interface UnreadableImage {
  /** Path relative to the set's folder. */
  readonly name: string
  readonly problem: string
}

/** Images of one size. */
export interface FoundSize {
  readonly width: number
  readonly height: number
  readonly count: number
  /** The name of the first of them. */
  readonly first: string
}

export interface SetProblems {
  /** The set: its path, or its name on a page. */
  readonly set: string
  /** Images of the set. */
  readonly count: number
  /** The most frequent first. More than one is a problem unless all are resized. */
  readonly sizes: readonly FoundSize[]
  readonly unreadable: readonly UnreadableImage[]
}

/** Sets cannot be measured as they are. */
export class SetProblemsError extends RequestError {
  constructor(readonly sets: readonly SetProblems[]) {
    super(problemLines(sets).join('\n'))
  }
}

/** Files named in a message; the others are counted. */
const NAMED = 20

/** Each problem on a line, with what can be done about it on the command line. */
function problemLines(sets: readonly SetProblems[]): string[] {
  return sets.flatMap(({ set, count, sizes, unreadable }) => [
    ...(sizes.length > 1 ? [`${set}: ${sizesWords(sizes)}; use --size to resize and crop them all`] : []),
    ...(unreadable.length > 0
      ? [
          `${set}: ${unreadable.length} of ${count} images cannot be read; use --skip-unreadable to leave ${unreadable.length === 1 ? 'it' : 'them'} out and record it`,
          ...namedImages(unreadable).map((line) => `  ${line}`),
        ]
      : []),
  ])
}

/** `image sizes differ: 64 x 64 (198 images), 128 x 128 (2, the first is b/3.png)`. */
export const sizesWords = (sizes: readonly FoundSize[]): string =>
  `image sizes differ: ${sizes
    .slice(0, NAMED)
    .map(({ width, height, count, first }, i) =>
      i === 0
        ? `${width} x ${height} (${count} images)`
        : `${width} x ${height} (${count}, the first is ${first})`,
    )
    .join(', ')}${sizes.length > NAMED ? `, and ${sizes.length - NAMED} other sizes` : ''}`

/** A line for each image, at most 20 of them. */
export const namedImages = (unreadable: readonly UnreadableImage[]): string[] => [
  ...unreadable.slice(0, NAMED).map(({ name, problem }) => `${name}: ${problem}`),
  ...(unreadable.length > NAMED ? [`and ${unreadable.length - NAMED} more`] : []),
]
