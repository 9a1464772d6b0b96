import { expect, it } from 'vitest'
import { MAX_COPIED_FILES } from '../../../../src/shared/contract/copied-files.ts'
import { filesOfDrop, filesOfInput } from '../../../../src/renderer/state/app/dropped-files.ts'

const file = (name: string, webkitRelativePath = '') =>
  Object.assign(new File([], name), { webkitRelativePath })

/** Entries as a browser returns them: children in batches, an empty batch at the end. */
function folder(name: string, ...children: readonly unknown[]) {
  const createReader = () => {
    const left = [...children]
    return { readEntries: (give: (some: unknown[]) => void) => give(left.splice(0, 2)) }
  }
  return { name, isFile: false, isDirectory: true, createReader }
}
const entry = (name: string) => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (give: (file: File) => void) => give(file(name)),
})
const drop = (entries: readonly unknown[], files: readonly File[] = []) =>
  filesOfDrop(
    { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files } as unknown as DataTransfer,
    'models',
  )
const paths = (dropped: { readonly files: readonly { readonly path: readonly string[] }[] }) =>
  dropped.files.map(({ path }) => path.join('/')).sort()

it('a folder keeps its structure, in however many batches its entries arrive', async () => {
  const dropped = await drop([
    folder(
      'DiGIT',
      entry('a.pt'),
      folder('models', entry('b.ckpt'), entry('c.npy'), entry('d.npy')),
      entry('e.png'),
    ),
    entry('alone.safetensors'),
  ])
  expect(paths(dropped)).toEqual([
    'DiGIT/a.pt',
    'DiGIT/models/b.ckpt',
    'DiGIT/models/c.npy',
    'DiGIT/models/d.npy',
    'alone.safetensors',
  ])
  expect(dropped.others).toBe(1)
})

it('without entries the files themselves are used', async () => {
  expect(paths(await drop([], [file('a.pt')]))).toEqual(['a.pt'])
})

it('a folder field gives the path of each file', () => {
  expect(
    paths(filesOfInput([file('a.pt', 'mine/deep/a.pt'), file('b.PTH', 'mine/b.PTH')], 'models')),
  ).toEqual(['mine/b.PTH', 'mine/deep/a.pt'])
})

it('too many files are refused with their number', () => {
  const many = Array.from({ length: MAX_COPIED_FILES + 1 }, (_, i) => file(`${i}.json`))
  expect(() => filesOfInput(many, 'models')).toThrow('too many files (found 1001, at most 1000)')
})

it('images are recognized by their extensions', () => {
  const files = ['val/a.JPEG', 'val/b.png', 'val/notes.txt', 'val/weights.pt'].map((path) => file(path, path))
  expect(paths(filesOfInput(files, 'images'))).toEqual(['val/a.JPEG', 'val/b.png'])
})
