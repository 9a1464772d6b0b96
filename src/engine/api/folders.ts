// What a page is shown names files, not the folders they lie in.
import { basename, dirname, relative, sep } from 'node:path'
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

/** Files are named from the folder down that they were found in: `outputs/demo_stage1/checkpoints/checkpoint_last.pt`. */
export function libraryForPage(library: ModelLibrary, asked: readonly string[]): ModelLibrary {
  const folders = foldersOf(library, asked)
  const fromFolder = (path: string) => {
    const folder = asked.find((folder) => path.startsWith(folder + sep))
    return folder === undefined ? basename(path) : relative(folder, path).split(sep).join('/')
  }
  return {
    ...library,
    files: library.files.map((file) => ({
      ...file,
      path: fromFolder(file.path),
      ...(file.problem === undefined ? {} : { problem: withoutFolders(file.problem, folders) }),
    })),
    notes: library.notes.map((note) => withoutFolders(note, folders)),
  }
}
