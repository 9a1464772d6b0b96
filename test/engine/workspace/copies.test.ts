import { existsSync, readFileSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CopiedFilesSchema, type CopiedFile } from '../../../src/shared/contract/copied-files.ts'
import { openCopies } from '../../../src/engine/workspace/copies.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const temporary = temporaryFolder()
let last = 0
const newWorkspace = () => join(temporary.path, String(++last))
const file = (bytes: number, ...path: string[]): CopiedFile => ({ path, bytes, modified: 1 })
const bytes = (...values: number[]) => Uint8Array.from(values)

it('a dropped folder keeps its name and its structure', async () => {
  const workspace = newWorkspace()
  const copies = openCopies(workspace)
  const { copy, have } = await copies.start([
    file(5, 'DiGIT', 'models', 'vqgan.ckpt'),
    file(0, 'DiGIT', 'empty.pt'),
  ])
  expect(have).toEqual([0, 0])
  // Pieces may be on their way together.
  await Promise.all([copies.add(copy, 0, 0, bytes(1, 2, 3)), copies.add(copy, 0, 3, bytes(4, 5))])
  const folder = await copies.finish(copy)
  expect(folder).toBe(join(workspace, 'models', 'DiGIT'))
  expect([...readFileSync(join(folder, 'models', 'vqgan.ckpt'))]).toEqual([1, 2, 3, 4, 5])
  expect(readFileSync(join(folder, 'empty.pt'))).toHaveLength(0)
  expect(await copies.list()).toEqual([{ path: folder, bytes: 5 }])
  expect(readdirSync(join(workspace, 'models', '.incoming'))).toEqual([])

  const again = await copies.start([file(1, 'DiGIT', 'other.pt')])
  await copies.add(again.copy, 0, 0, bytes(9))
  expect(await copies.finish(again.copy)).toBe(join(workspace, 'models', 'DiGIT 2'))
  await copies.remove(folder)
  expect((await copies.list()).map(({ path }) => path)).toEqual([join(workspace, 'models', 'DiGIT 2')])
  await expect(copies.remove(workspace)).rejects.toThrow('not a copy')
})

it('files dropped without a folder get a folder of their own', async () => {
  const workspace = newWorkspace()
  const copies = openCopies(workspace)
  const { copy } = await copies.start([file(1, '.km.npy'), file(1, 'b.pt')])
  await copies.add(copy, 0, 0, bytes(1))
  await copies.add(copy, 1, 0, bytes(2))
  const folder = await copies.finish(copy)
  expect(folder).toBe(join(workspace, 'models', 'km'))
  expect(readdirSync(folder).sort()).toEqual(['.km.npy', 'b.pt'])
})

it('a copy of the same files resumes where it stopped, also in another process', async () => {
  const workspace = newWorkspace()
  const files = [file(4, 'a.pt')]
  const { copy } = await openCopies(workspace).start(files)
  await openCopies(workspace).add(copy, 0, 0, bytes(1, 2))
  const copies = openCopies(workspace)
  expect(await copies.start(files)).toEqual({ copy, have: [2] })
  await expect(copies.finish(copy)).rejects.toThrow('a.pt: incomplete (found 2 of 4 bytes)')
  await expect(copies.add(copy, 0, 0, bytes(1))).rejects.toThrow(
    'unexpected chunk (found byte 0, expected 2)',
  )
  await expect(copies.add(copy, 0, 2, bytes(3, 4, 5))).rejects.toThrow(
    'larger than announced (expected 4 bytes)',
  )
  await expect(copies.add(copy, 1, 0, bytes(1))).rejects.toThrow('file 1 not found')
  await copies.add(copy, 0, 2, bytes(3, 4))
  expect([...readFileSync(join(await copies.finish(copy), 'a.pt'))]).toEqual([1, 2, 3, 4])
  // A file that was changed since is another one.
  const changed = await copies.start([{ ...files[0]!, modified: 2 }])
  expect([changed.copy === copy, changed.have]).toEqual([false, [0]])
})

it('an abandoned copy leaves no files, after a week automatically', async () => {
  const workspace = newWorkspace()
  const copies = openCopies(workspace)
  const { copy } = await copies.start([file(2, 'a.pt')])
  await copies.add(copy, 0, 0, bytes(1))
  await copies.abandon(copy)
  await expect(copies.add(copy, 0, 1, bytes(1))).rejects.toThrow('start it again')
  const old = await copies.start([file(2, 'old.pt')])
  const folder = join(workspace, 'models', '.incoming', old.copy)
  const longAgo = new Date(Date.now() - 8 * 24 * 3600_000)
  utimesSync(folder, longAgo, longAgo)
  await copies.start([file(2, 'new.pt')])
  expect(existsSync(folder)).toBe(false)
})

it('reports missing disk space before anything is sent', async () => {
  const copies = openCopies(newWorkspace(), async () => 1.1e9)
  await expect(copies.start([file(3.2e9, 'a.pt')])).rejects.toThrow(
    'not enough disk space for the workspace (1.10 GB free, 3.20 GB needed)',
  )
})

it('two copies started together are not promised the same space', async () => {
  const workspace = newWorkspace()
  const copies = openCopies(workspace, async () => 75e9)
  const [first, second] = await Promise.allSettled([
    copies.start([file(60e9, 'a.pt')]),
    copies.start([file(60e9, 'b.pt')]),
  ])
  expect(first.status).toBe('fulfilled')
  expect(second).toMatchObject({
    reason: {
      message:
        'not enough disk space for the workspace (75.00 GB free, 60.00 GB needed beside 60.00 GB for other copies in progress)',
    },
  })
  // The same one resumes, and one that is left alone keeps nothing.
  await copies.start([file(60e9, 'a.pt')])
  const incoming = join(workspace, 'models', '.incoming')
  const early = new Date(Date.now() - 20 * 60_000)
  for (const copy of readdirSync(incoming))
    if (existsSync(join(incoming, copy, 'copy.json')))
      utimesSync(join(incoming, copy, 'copy.json'), early, early)
  await copies.start([file(60e9, 'b.pt')])
})

it('refuses files that are not models, and two files with the same name', async () => {
  const copies = openCopies(newWorkspace())
  await expect(copies.start([file(1, 'run.exe')])).rejects.toThrow('run.exe')
  await expect(copies.start([file(1, 'a.pt'), file(2, 'A.pt')])).rejects.toThrow(
    'two files with the same name',
  )
})

it.each([
  ['..'],
  ['.'],
  [''],
  ['a/b.pt'],
  ['a\\b.pt'],
  ['C:a.pt'],
  ['a\u0000.pt'],
  ['a.pt '],
  ['a.'],
  ['x'.repeat(201)],
  ['長'.repeat(81)],
])('refuses a name that leads elsewhere: %j', (name) => {
  expect(CopiedFilesSchema.safeParse([file(1, 'a', name)]).success).toBe(false)
})

it('images are stored apart from models, and the copy of a single batch is the file itself', async () => {
  const workspace = newWorkspace()
  const copies = openCopies(workspace)
  const folder = await copies.start([file(1, 'val', 'a', '0.png')], 'images')
  await copies.add(folder.copy, 0, 0, bytes(1))
  expect(await copies.finish(folder.copy)).toBe(join(workspace, 'images', 'val'))
  const batch = await copies.start([file(1, 'real.npz')], 'images')
  await copies.add(batch.copy, 0, 0, bytes(1))
  expect(await copies.finish(batch.copy)).toBe(join(workspace, 'images', 'real', 'real.npz'))
  await expect(copies.start([file(1, 'a.pt')], 'images')).rejects.toThrow(
    'a.pt: unsupported file type for images',
  )
  expect(await copies.list()).toEqual([])
})
