// One good record file and a random number generator -> one as a foreign program, a newer version or a bad disk leaves it.
import { pngWithText, readPngText } from '../../src/engine/images/index.ts'
import { mutate } from '../fuzz/mutate.ts'

type Random = () => number
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Text that must not reach a page, a paper or a spreadsheet as it is. */
export const HOSTILE_HTML = '<img src=x onerror=alert(1)>"&\''
export const HOSTILE_LATEX = 'a\n\\input{|"id"}%\n'

const VALUES: readonly ((random: Random) => Json)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 2 ** 53,
  () => '',
  () => 'x',
  () => HOSTILE_HTML,
  () => HOSTILE_LATEX,
  () => '../../../../etc/passwd',
  () => 'a'.repeat(10_000),
  () => [],
  () => ({}),
  () => [null],
  () => ({ __proto__x: { length: -1 } }),
  (random) => nested(3 + Math.floor(random() * 60)),
  (random) => nested(70 + Math.floor(random() * 20_000)),
]

const RAW = '\u0001raw'
/** So deep that JSON.stringify would fail: its place is kept by a word, and filled in as text. */
function nested(depth: number): string {
  return `${RAW}${depth}${RAW}`
}
const filledIn = (json: string): string =>
  json.replaceAll(
    /"\\u0001raw(\d+)\\u0001raw"/g,
    (_, depth: string) => '[1,'.repeat(Number(depth)) + '0' + ']'.repeat(Number(depth)),
  )

/** Every place in the data, by its path. */
function placesIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))
  return [path, ...inner]
}

/** One place gets another value, or goes; a sixth of all files are damaged in their bytes instead. */
export function mutateJson(text: string, random: Random): string {
  if (random() < 1 / 6)
    return Buffer.from(mutate(Buffer.from(text), Buffer.from('{"a":[1,2]}'), random)).toString()
  const json = JSON.parse(text) as Json
  const places = placesIn(json)
  const path = places[Math.floor(random() * places.length)]!
  const value = VALUES[Math.floor(random() * VALUES.length)]!(random)
  if (path.length === 0) return filledIn(JSON.stringify(value))
  const holder = path.slice(0, -1).reduce<Json>((at, key) => (at as Record<string, Json>)[key]!, json)
  const key = path.at(-1)!
  if (random() < 0.2 && !Array.isArray(holder)) delete (holder as Record<string, Json>)[key]
  else (holder as Record<string, Json>)[key] = value
  return filledIn(JSON.stringify(json))
}

/** The same for each kind of file; `name` decides. */
export function mutateRecord(name: string, bytes: Uint8Array, random: Random): Uint8Array {
  if (/\.json$/.test(name)) return Buffer.from(mutateJson(Buffer.from(bytes).toString(), random))
  if (/\.jsonl$/.test(name)) {
    const [line = ''] = Buffer.from(bytes).toString().split('\n')
    // A good line stays beside the bad one.
    return Buffer.from(`${mutateJson(line, random)}\n${line}\n`)
  }
  if (/\.png$/.test(name) && random() < 0.8) {
    const texts = readPngText(bytes)
    const key = random() < 0.7 ? 'digit' : 'digit-draws'
    const text = mutateJson(texts.get(key)!, random).replaceAll('\0', '')
    return pngWithText(bytes, [[key, text]])
  }
  return mutate(bytes, bytes, random)
}
