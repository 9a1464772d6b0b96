// A function of the page that waits for the engine asks where the person is before it moves to its result: see `ifStillHere`
// in src/renderer/state/app/address.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('no function moves after it waited, without asking where the person is', () => {
  const root = join(import.meta.dirname, '../src/renderer')
  const files = readdirSync(root, { recursive: true }).map(String)
  const found: string[] = []
  for (const name of files.filter((file) => /\.(ts|vue)$/.test(file))) {
    const text = readFileSync(join(root, name), 'utf8')
    for (const [body] of text.matchAll(/^(?:export )?async function [\s\S]*?^\}/gm)) {
      const later = body.slice(body.indexOf('await'))
      for (const line of later.split('\n').slice(1)) {
        const moves = /(?<![\w.])(?:go|adjust)\(/.test(line)
        const asks = /ifHere\(|address\.value|press:/.test(line) || /ifHere\(\(\) =>$/m.test(later)
        if (moves && !asks) found.push(`${name}: ${line.trim()}`)
      }
    }
  }
  expect(found).toEqual([])
})
