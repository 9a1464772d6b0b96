// JSON of others becomes data in one place, which has the limits.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_JSON_LENGTH, parseJson } from '../../src/shared/plain-json.ts'

it('reads any JSON like JSON.parse', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.boolean(), (text, isSpaced) => {
      const json = isSpaced ? JSON.stringify(JSON.parse(text), null, 2) : text
      expect(parseJson(json)).toEqual(JSON.parse(json))
    }),
  )
})

it('counts nesting only outside strings', () => {
  const brackets = '['.repeat(1000)
  for (const value of [brackets, `"${brackets}`, `\\${brackets}`, `\\"${brackets}`, `${brackets}\\`])
    expect(parseJson(JSON.stringify([value, { [value]: 1 }]))).toEqual([value, { [value]: 1 }])
  const nested = (depth: number) => '{"a":['.repeat(depth / 2) + ']}'.repeat(depth / 2)
  expect(parseJson(nested(64))).toEqual(JSON.parse(nested(64)))
  for (const depth of [66, 8000, 2_000_000])
    expect(() => parseJson(nested(depth)), String(depth)).toThrow(
      'nested too deep (expected at most 64 levels)',
    )
  // Siblings are no levels.
  expect(parseJson(`[${'[],'.repeat(1000)}[]]`)).toHaveLength(1001)
})

it('refuses text that is too large or not JSON', () => {
  expect(() => parseJson(' '.repeat(MAX_JSON_LENGTH + 1))).toThrow('too large (found 67108865 characters')
  for (const text of ['', '[', '"', '"\\', '{"a":1', 'NaN', ']]]]', '[1]x'])
    expect(() => parseJson(text), text).toThrow(SyntaxError)
})

it('no other source file parses JSON', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(ts|vue)$/.test(name),
  )
  const parsing = files.filter((name) => readFileSync(join('src', name), 'utf8').includes('JSON.parse('))
  // The script of a published page has no imports; it parses its own data.
  const known = ['engine/paper/publish/page-script.ts', 'shared/plain-json.ts']
  expect(parsing.map((name) => name.replaceAll('\\', '/')).sort()).toEqual(known)
})
