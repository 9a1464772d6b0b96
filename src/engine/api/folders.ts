// What a page is shown names files, not the folders they lie in.
import { basename, dirname, sep } from 'node:path'
import type { ModelLibrary } from '../../shared/models.ts'

/** Takes the folders out of a text, longest first, so that what is left are names in them. */
export function withoutFolders(text: string, folders: readonly string[]): string {
  return [...folders]
    .sort((a, b) => b.length - a.length)
    .reduce((left, folder) => left.replaceAll(folder.endsWith(sep) ? folder : folder + sep, ''), text)
}

/** The folders a library's files lie in and that it was asked for. */
export const foldersOf = ({ files }: ModelLibrary, asked: readonly string[]): readonly string[] => [
  ...new Set([...files.map(({ path }) => dirname(path)), ...asked, ...asked.map((path) => dirname(path))]),
]

export function libraryForPage(library: ModelLibrary, asked: readonly string[]): ModelLibrary {
  const folders = foldersOf(library, asked)
  return {
    ...library,
    files: library.files.map((file) => ({
      ...file,
      path: basename(file.path),
      ...(file.problem === undefined ? {} : { problem: withoutFolders(file.problem, folders) }),
    })),
    notes: library.notes.map((note) => withoutFolders(note, folders)),
  }
}
