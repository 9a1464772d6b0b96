// Steps of a draft in the tab's storage: restored for the same file, dropped for one that was changed elsewhere.
import { afterAll, beforeEach, expect, test } from 'vitest'
import { draftText, newHistory, stepped, type Draft } from '../../../../src/renderer/state/figures/draft.ts'
import { keepHistory, keptHistory } from '../../../../src/renderer/state/figures/kept-history.ts'

const stored = new Map<string, string>()
let room = Infinity
Object.defineProperty(globalThis, 'sessionStorage', {
  configurable: true,
  value: {
    getItem: (key: string) => stored.get(key) ?? null,
    removeItem: (key: string) => stored.delete(key),
    setItem(key: string, value: string) {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError')
      stored.set(key, value)
    },
  },
})
afterAll(() => Reflect.deleteProperty(globalThis, 'sessionStorage'))
beforeEach(() => {
  stored.clear()
  room = Infinity
})

const draft = (gutter: number) => ({ schema: 1, gutter, rows: [] }) as unknown as Draft
const history = stepped(newHistory(draft(0)), draft(1), 'gutter', 0)

test('the history is restored for its source file or for the saved draft', () => {
  keepHistory('a', 'r1', history)
  expect(keptHistory('a', 'r1', draftText(draft(0)))).toEqual({ past: [draft(0)], now: draft(1), future: [] })
  expect(keptHistory('a', 'r2', draftText(draft(1)))?.now).toEqual(draft(1))
  expect(keptHistory('a', 'r2', draftText(draft(9)))).toBeUndefined()
  expect(keptHistory('b', 'r1', draftText(draft(0)))).toBeUndefined()
})

test('without storage space no older history is kept', () => {
  keepHistory('a', 'r1', history)
  room = 10
  keepHistory('a', 'r1', stepped(history, draft(2), 'gutter', 9999))
  expect(keptHistory('a', 'r1', draftText(draft(0)))).toBeUndefined()
})
