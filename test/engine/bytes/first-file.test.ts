// A new folder and its first file, seen by whoever lists folders meanwhile.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeFirstFile } from '../../../src/engine/bytes/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const place = temporaryFolder()

test('a folder has its first file from the moment it is listed', async () => {
  const folder = join(place.path, 'runs')
  let open = true
  const seen: string[] = []
  const watch = async () => {
    while (open)
      for (const name of await readdir(folder).catch(() => []))
        if (!existsSync(join(folder, name, 'request.json'))) seen.push(name)
  }
  const watching = watch()
  for (let i = 0; i < 30; i++) await writeFirstFile(join(folder, `run-${i}`), 'request.json', '{}')
  open = false
  await watching
  expect(seen).toEqual([])
  expect(await readdir(folder)).toHaveLength(30)
})

test('an existing folder keeps what it has', async () => {
  const folder = join(place.path, 'kept')
  mkdirSync(folder)
  writeFileSync(join(folder, 'run.json'), 'old')
  await writeFirstFile(folder, 'request.json', 'new')
  expect((await readdir(folder)).sort()).toEqual(['request.json', 'run.json'])
  expect(readFileSync(join(folder, 'request.json'), 'utf8')).toBe('new')
})
