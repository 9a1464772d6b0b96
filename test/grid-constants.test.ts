// The shape of a grid stands in src/shared/grid and nowhere else: whoever needs it reads it from the models, from a
// record, or from there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** What a side or a number of cells looks like where someone writes it down again. */
const CONSTANTS = [
  /\b(?:const|let)\s+(?:\w*_)?(?:GRID|CELLS|PATCHES|GRID_SIDE|GRID_TOKENS)\s*(?::[^=]+)?=\s*(?:16|256)\b/,
  /:side="16"/,
  /viewBox="0 0 (?:16 16|256 1)"/,
  /(?:\bcell|\bposition|\bpatch|\bat)\s*[%/]\s*16\b/,
  /\/\s*256\b(?!\s*\))/,
  /\[01\]\{256\}/,
  /\.length\(256\)/,
  /'B\*256'/,
  /\blength\s*=\s*256\b/,
  /z\.enum\(\['discriminative', 'codes'\]\)/,
]
function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (/\.(ts|vue)$/.test(entry.name)) yield path
  }
}

it('no file but the description of grids has a side or a number of cells of its own', () => {
  const found = [...sources('src')]
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('src/shared/grid/'))
    .flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.replace(/\/\/ .*$/, ''))
        .flatMap((line, i) =>
          !/^\s*(?:\/\/|\*|\/\*)/.test(line) && CONSTANTS.some((pattern) => pattern.test(line))
            ? [`${path}:${i + 1}: ${line.trim()}`]
            : [],
        ),
    )
  expect(found).toEqual([])
})
