// A folder that cannot be created is reported with the reason, not with the name of a system call.
import { symlinkSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from '../../../src/engine/bytes/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const file = folder.write('file', '')
symlinkSync('nowhere', join(folder.path, 'link'))

it('is created with those above it, and again', async () => {
  const path = join(folder.path, 'a', 'b')
  await makeFolder(path)
  await makeFolder(path)
  expect((await stat(path)).isDirectory()).toBe(true)
})

it.each([
  [file, 'a file with this name exists'],
  [join(file, 'below'), 'its parent path is not a folder'],
  [join(folder.path, 'link', 'below'), 'its parent path is not a folder'],
  [join(folder.path, 'n'.repeat(300)), 'the name is too long'],
])('%s: %s', async (path, reason) => {
  await expect(makeFolder(path)).rejects.toMatchObject({
    name: 'RequestError',
    message: `cannot create the folder ${path}: ${reason}`,
  })
})
