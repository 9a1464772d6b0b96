// The number of attention heads of a generator, which no tensor says: of its file's facts, or of a configuration file.
import type { ModelFile } from './models.ts'

type Facts = Pick<ModelFile, 'facts'>

/** Configuration files of its family and size. */
export const configsFor = ({ facts }: Facts, files: readonly ModelFile[]): ModelFile[] =>
  files.filter(
    (file) =>
      file.kind === 'generator-config' &&
      file.facts.family === facts.family &&
      file.facts.width === facts.width &&
      file.facts.layers === facts.layers,
  )

/** Whether some file says the number of heads of this generator, so that nobody has to. */
export const isHeadsKnown = (file: Facts, files: readonly ModelFile[]): boolean =>
  file.facts.heads !== undefined || configsFor(file, files).length > 0
