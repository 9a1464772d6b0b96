// Folders of pictures as ImageFolder reads them, links included.
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { listPictures } from '../../../src/engine/tokenizer/picture-list.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()

test('follows links to classes and pictures, and skips broken links and loops', async () => {
  folder.write('store/n02/1.png', '')
  folder.write('set/n01/0.jpg', '')
  mkdirSync(join(folder.path, 'set/n03'))
  const link = (name: string, target: string) =>
    symlinkSync(join(folder.path, target), join(folder.path, 'set', name))
  link('n02', 'store/n02')
  link('n03/linked.png', 'store/n02/1.png')
  link('n03/back', 'set')
  link('n03/gone.png', 'nowhere.png')
  const root = join(folder.path, 'set')
  const { pictures, classes, classNames } = await listPictures([root])
  expect(pictures.map((path) => relative(root, path).replaceAll('\\', '/'))).toEqual([
    'n01/0.jpg',
    'n02/1.png',
    'n03/linked.png',
  ])
  expect(classes).toEqual([0, 1, 2])
  expect(classNames).toEqual(['n01', 'n02', 'n03'])
})

test('classes are in the order of Python, and one name has one number in all folders', async () => {
  for (const name of ['a/cat', 'a/owl', 'b/ant', 'b/owl', 'c/\u{ff21}', 'c/\u{1f408}'])
    folder.write(`several/${name}/0.png`, '')
  const of = (name: string) => join(folder.path, 'several', name)
  expect(await listPictures([of('a'), of('b')])).toMatchObject({
    classNames: ['ant', 'cat', 'owl'],
    classes: [1, 2, 0, 2],
  })
  // A cat's UTF-16 units come before the wide A, its code point after it.
  expect((await listPictures([of('c')])).classNames).toEqual(['\u{ff21}', '\u{1f408}'])
})
