// What a clone weighs: pictures and other binary files stay few and small outside the demo and the fixtures.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Bytes of all binary files together: the galleries of docs (6.2 MB), the icon, and 2 MB of room. */
const ALL = 8_300_000
/** Bytes of one picture that docs show. */
const PICTURE = 150_000
const HEAVY = /^(resources\/demo|test\/fixtures)\//

/** As git tells binary files from text: a zero byte near the beginning. */
const isBinary = (path: string) => readFileSync(path).subarray(0, 8000).includes(0)

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter(
    (path) => path !== '' && !HEAVY.test(path) && statSync(path, { throwIfNoEntry: false }) && isBinary(path),
  )
  .map((path) => ({ path, bytes: statSync(path).size }))

it('binary files outside the demo and the fixtures are few', () => {
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 10)
  expect(all, largest.map(({ path, bytes }) => `${path}: ${bytes}`).join('\n')).toBeLessThan(ALL)
})

it('a picture that docs show is small', () => {
  const pictures = files.filter(({ path }) => path.startsWith('docs/pictures/'))
  expect(pictures.length).toBeGreaterThan(0)
  expect(pictures.filter(({ bytes }) => bytes > PICTURE)).toEqual([])
})

it('nothing that is made stands in the repository', () => {
  const made = execFileSync('git', ['ls-files', '--', '*.pyc', '*.tgz', 'out', 'docs/screenshots'], {
    encoding: 'utf8',
  })
  expect(made).toBe('')
})
