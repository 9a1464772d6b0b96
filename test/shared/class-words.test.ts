import { expect, test } from 'vitest'
import { classWords } from '../../src/shared/atlas/class-words.ts'

test('numbers in front of class folders are left out if they are the classes own', () => {
  expect(classWords(['0-adventurer', '1-big-ears', '2_micah'])).toEqual(['adventurer', 'big ears', 'micah'])
  expect(classWords(['00 cat', '01 dog'])).toEqual(['cat', 'dog'])
  for (const others of [['3-d printer', 'chair'], ['1-a', '2-b'], ['n01440764', 'n01443537'], ['0', '1'], []])
    expect(classWords(others)).toEqual(others)
})
