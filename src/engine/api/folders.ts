// Text for a page names files without their folders.
import { basename, dirname, relative, sep } from 'node:path'
import type { ModelSet } from '../../shared/models/models.ts'
import type { RunStatus } from '../../shared/run/run.ts'

/** Removes the folders from a text, longest first, leaving only file names. */
export function withoutFolders(text: string, folders: readonly string[]): string {
  return [...folders]
    .sort((a, b) => b.length - a.length)
    .reduce((left, folder) => left.replaceAll(folder.endsWith(sep) ? folder : folder + sep, ''), text)
}

/** Statuses for a page: with file names instead of paths, and without a stack. */
export function statusWithoutFolders(status: RunStatus, folders: readonly string[]): RunStatus {
  if (status.state === 'running') return { ...status, note: withoutFolders(status.note, folders) }
  if (status.state === 'done') return { ...status, summary: withoutFolders(status.summary, folders) }
  if (status.state !== 'failed') return status
  const { name, message } = status.error
  return { ...status, error: { name, message: withoutFolders(message, folders) } }
}

/** The folders of a model set's files and of the requested paths. */
export const foldersOf = ({ files }: ModelSet, asked: readonly string[]): readonly string[] => [
  ...new Set([...files.map(({ path }) => dirname(path)), ...asked, ...asked.map((path) => dirname(path))]),
]

/**
 * Files are named relative to the folder in which they were found:
 * `outputs/demo_stage1/checkpoints/checkpoint_last.pt`.
 */
export function modelSetForPage(modelSet: ModelSet, asked: readonly string[]): ModelSet {
  const folders = foldersOf(modelSet, asked)
  const above = [...asked, ...asked.map((path) => dirname(path))]
  const fromFolder = (path: string) => {
    const folder = asked.find((folder) => path.startsWith(folder + sep))
    return folder === undefined ? basename(path) : relative(folder, path).split(sep).join('/')
  }
  return {
    ...modelSet,
    files: modelSet.files.map((file) => ({
      ...file,
      path: fromFolder(file.path),
      ...(file.problem === undefined ? {} : { problem: withoutFolders(file.problem, folders) }),
    })),
    ...(modelSet.damaged === undefined
      ? {}
      : {
          damaged: Object.fromEntries(
            Object.entries(modelSet.damaged).map(([role, text]) => [role, withoutFolders(text, folders)]),
          ),
        }),
    notes: modelSet.notes.map((note) => withoutFolders(note, [...above, ...sharedTails(modelSet, asked)])),
  }
}

/**
 * Notes contain paths relative to the common folder of all files, or full paths if that is the root. If the common
 * folder is above the opened paths, these are the parts between the common folder and the opened paths.
 */
function sharedTails({ files }: ModelSet, asked: readonly string[]): string[] {
  const above = (path: string) => path.split(sep).slice(0, -1)
  const shared = files
    .map(({ path }) => above(path))
    .reduce(
      (a, b) => {
        const other = a.findIndex((part, i) => part !== b[i])
        return other < 0 ? a : a.slice(0, other)
      },
      above(files[0]?.path ?? ''),
    )
  const tails = asked.map((path) => {
    const isFile = files.some((file) => file.path === path)
    return (isFile ? above(path) : path.split(sep)).slice(shared.length).join(sep)
  })
  return tails.filter((tail) => tail !== '')
}
