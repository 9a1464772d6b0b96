// Dropped or selected files -> the usable ones, with their paths relative to the dropped folder.
import { IMAGE_ENDINGS, MAX_COPIED_FILES, type CopyPurpose } from '../../../shared/contract/copied-files.ts'
import { MODEL_ENDINGS } from '../../../shared/models/models.ts'

export interface DroppedFile {
  /** Folder names, then the file name. */
  readonly path: readonly string[]
  readonly file: File
}
export interface Dropped {
  readonly files: readonly DroppedFile[]
  /** Number of files of other kinds, which are ignored. */
  readonly others: number
}

/** Limit of entries scanned, so that a training set next to the models is not walked entirely. */
const MAX_ENTRIES = 100_000

/** Files of a drop. Call it while the event is being handled; its items are gone afterwards. */
export function filesOfDrop({ items, files }: DataTransfer, purpose: CopyPurpose): Promise<Dropped> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  return entries.length > 0 ? filesOfEntries(entries, purpose) : Promise.resolve(filesOfInput(files, purpose))
}

/** Files of an input field; a folder field gives the path of each file within the folder. */
export function filesOfInput(list: Iterable<File>, purpose: CopyPurpose): Dropped {
  const files = [...list].map((file) => ({ path: (file.webkitRelativePath || file.name).split('/'), file }))
  return sorted(files, purpose)
}

async function filesOfEntries(entries: readonly FileSystemEntry[], purpose: CopyPurpose): Promise<Dropped> {
  const found: DroppedFile[] = []
  const waiting = entries.map((entry) => ({ entry, above: [] as readonly string[] }))
  for (let seen = 0; waiting.length > 0; seen++) {
    if (seen > MAX_ENTRIES) throw new Error(`more than ${MAX_ENTRIES} files: drop only the ${purpose}`)
    const { entry, above } = waiting.pop()!
    const path = [...above, entry.name]
    if (isFile(entry)) found.push({ path, file: await fileOf(entry) })
    else if (isFolder(entry))
      for (const inside of await childrenOf(entry)) waiting.push({ entry: inside, above: path })
  }
  return sorted(found, purpose)
}

const ENDINGS: Readonly<Record<CopyPurpose, RegExp>> = { models: MODEL_ENDINGS, images: IMAGE_ENDINGS }
const FEWER: Readonly<Record<CopyPurpose, string>> = {
  models: 'drop only the model files',
  images: 'put larger sets into one .npz, or start the workbench with --images FOLDER',
}

function sorted(found: readonly DroppedFile[], purpose: CopyPurpose): Dropped {
  const files = found.filter(({ path }) => ENDINGS[purpose].test(path.at(-1)!))
  if (files.length > MAX_COPIED_FILES)
    throw new Error(`too many files (found ${files.length}, at most ${MAX_COPIED_FILES}): ${FEWER[purpose]}`)
  return { files, others: found.length - files.length }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject))

/** A reader returns batches of at most 100, and an empty batch at the end. */
async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return children
    children.push(...some)
  }
}
