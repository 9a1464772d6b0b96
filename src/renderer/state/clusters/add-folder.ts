// A folder of pictures for an atlas, selected or dropped: the desktop window reads it in place, a browser copies it.
import { shell } from '../../shell.ts'
import { copyFiles } from '../app/copying.ts'
import { filesOfDrop, filesOfInput, type Dropped } from '../app/dropped-files.ts'
import { attempt, report } from '../app/problems.ts'

/** Desktop: selects a folder, which is read in place. */
export const chooseFolder = () =>
  attempt('Could not add the folder', async () => shell?.choose('images', 'folder'))

/** Browser: file paths are hidden, so files are copied into the workspace. */
export const copyFolder = (files: Iterable<File>) => copy(async () => filesOfInput(files, 'images'))

/** A dropped folder; call it while the event is being handled. */
export function takeDropped(transfer: DataTransfer): Promise<void> {
  if (!shell) return copy(() => filesOfDrop(transfer, 'images'))
  const { drop } = shell
  return attempt('Could not add the dropped files', () => drop('images', [...transfer.files])).then(() => {})
}

async function copy(read: () => Promise<Dropped>): Promise<void> {
  const found = await attempt('Could not read the folder', read)
  if (found && found.files.length > 0) return copyFiles(found.files, 'images')
  if (found) report('Nothing to copy', new Error('The selection contains no pictures.'))
}
