// A folder of pictures for an atlas: chosen or dropped, read where it lies in the window, copied from a browser.
import { shell } from '../../shell.ts'
import { copyFiles } from '../app/copying.ts'
import { filesOfDrop, filesOfInput, type Dropped } from '../app/dropped-files.ts'
import { attempt, report } from '../app/problems.ts'

/** In the window: a folder is chosen, and read where it lies. */
export const chooseFolder = () =>
  attempt('Could not add the folder', async () => shell?.choose('images', 'folder'))

/** From a browser, which does not tell where files lie: they are copied into the workspace. */
export const copyFolder = (files: Iterable<File>) => copy(async () => filesOfInput(files, 'images'))

/** What was dropped; must be called while the event is handled. */
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
