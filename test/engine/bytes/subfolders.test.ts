import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { subfolders } from '../../../src/engine/bytes/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

it('lists folders and links to folders, but not files, links to files or broken links', async () => {
  const { path, write } = temporaryFolder()
  const file = write('runs/file', '')
  mkdirSync(join(path, 'runs/here'))
  mkdirSync(join(path, 'elsewhere'))
  symlinkSync('../elsewhere', join(path, 'runs/link'))
  symlinkSync(join(path, 'elsewhere'), join(path, 'runs/absolute'))
  symlinkSync(file, join(path, 'runs/link-to-file'))
  symlinkSync('../nowhere', join(path, 'runs/broken'))
  symlinkSync('loop', join(path, 'runs/loop'))
  expect((await subfolders(join(path, 'runs'))).sort()).toEqual(['absolute', 'here', 'link'])
  await expect(subfolders(join(path, 'nowhere'))).rejects.toThrow('ENOENT')
})
