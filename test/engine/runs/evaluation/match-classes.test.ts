// Equal class numbers of two sets are the same class, or the sets are refused.
import { expect, it } from 'vitest'
import { BY, matchClasses } from '../../../../src/engine/runs/evaluation/match-classes.ts'

const folders = (path: string, classNames: readonly string[]) => ({
  path,
  classes: [...classNames.keys()],
  classNames,
})
const batch = (...classes: number[]) => ({ path: 'batch.npz', classes, classNames: undefined })
const NUMBERED = ['0', '1', '10', '11', '2', '9']

it.each([
  [
    'a batch and folders named by numbers',
    batch(2, 10),
    folders('f', NUMBERED),
    [2, 10],
    [0, 1, 10, 11, 2, 9],
    BY.number,
  ],
  [
    'folders named by numbers and a batch',
    folders('f', NUMBERED),
    batch(2, 10),
    [0, 1, 10, 11, 2, 9],
    [2, 10],
    BY.number,
  ],
  [
    'numbers and numbers with zeros',
    folders('f', NUMBERED),
    folders('g', ['02', '10']),
    [0, 1, 10, 11, 2, 9],
    [2, 10],
    BY.number,
  ],
  ['two batches', batch(3, 1), batch(1, 3), [3, 1], [1, 3], BY.number],
  [
    'folders of which the reference has other ones too',
    folders('f', ['cat', 'owl']),
    folders('g', ['ant', 'cat', 'dog', 'owl']),
    [0, 1],
    [-1, 0, -1, 1],
    BY.name,
  ],
  ['a batch and named folders', batch(1, 0), folders('g', ['cat', 'owl']), [1, 0], [0, 1], BY.order],
])('%s', (_, samples, reference, own, real, by) => {
  expect(matchClasses(samples, reference)).toMatchObject({ samples: own, reference: real, by })
})

it('names of classes are those of the folders', () => {
  const names = ['cat', 'owl']
  const expected = new Map([
    [0, 'cat'],
    [1, 'owl'],
  ])
  expect(matchClasses(folders('f', names)).names).toEqual(expected)
  expect(matchClasses(batch(1), folders('g', names)).names).toEqual(expected)
  expect(matchClasses(folders('f', NUMBERED)).names.size).toBe(0)
})

it.each([
  [
    'no class in common',
    () => matchClasses(folders('f', ['cat']), folders('g', ['n01', 'n02', 'n03', 'n04'])),
    'f and g: no class folder in common (found cat and n01, n02, n03, ...)',
  ],
  [
    'a class beyond the folders',
    () => matchClasses(batch(0, 7), folders('g', ['cat', 'owl'])),
    'batch.npz: class 7 has no folder in g (found 2 folders, expected at least 8, or folders named by class number)',
  ],
  [
    'numbers and words as names of folders',
    () => matchClasses(batch(1), folders('g', ['0', '10', '2', 'other'])),
    'g: cannot be matched with the class numbers of batch.npz (found folders 0 and other, expected all or none named by class number)',
  ],
  [
    'one number twice',
    () => matchClasses(batch(1), folders('g', ['01', '1'])),
    'g: two folders have the same class number (found 01 and 1)',
  ],
])('refused: %s', (_, match, message) => expect(match).toThrow(message))
