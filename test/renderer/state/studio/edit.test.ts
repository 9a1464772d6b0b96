// Edits of an image: pins, tokens set by hand, undo, and the tokens pinned for a run.
import { DIGIT_GRID } from '../../../../src/shared/grid/layout.ts'
import { describe, expect, it } from 'vitest'
import { allCells, cellsWhere, noCells } from '../../../../src/renderer/state/images/cells.ts'
import {
  changesOf,
  editToJson,
  emptyEdit,
  pinnedOf,
  interventionOf,
  isSameEdit,
  jsonToEdit,
  newHistory,
  redone,
  stepped,
  undone,
  withPins,
  withToken,
  withTokens,
} from '../../../../src/renderer/state/studio/edit.ts'
import { SampleRequestSchema } from '../../../../src/shared/run/run.ts'

const image = {
  discriminative: { tokens: Int32Array.from({ length: 256 }, (_, i) => 1000 + i) },
  codes: { tokens: Int32Array.from({ length: 256 }, (_, i) => i) },
}
const three = cellsWhere(DIGIT_GRID, (cell) => [2, 40, 255].includes(cell))

describe('what an edit gives to a run', () => {
  it('an edit gives the pinned discriminative tokens, and no codes', () => {
    const pinned = pinnedOf(image, withPins(emptyEdit(), 'discriminative', three), { grid: 'discriminative' })
    expect(pinned.codes).toBeUndefined()
    expect(pinned.discriminative!.flatMap((token, cell) => (token < 0 ? [] : [[cell, token]]))).toEqual([
      [2, 1002],
      [40, 1040],
      [255, 1255],
    ])
    expect(SampleRequestSchema.shape.pinned.safeParse([pinned]).success).toBe(true)
  })
  it('an edit of codes gives all discriminative tokens', () => {
    const edit = withToken(withPins(emptyEdit(), 'codes', three), 'discriminative', 7, 5, 1007)
    const pinned = pinnedOf(image, edit, { grid: 'codes' })
    expect(pinned.discriminative!.every((token, i) => token === (i === 7 ? 5 : 1000 + i))).toBe(true)
    expect(pinned.codes!.filter((token) => token >= 0)).toEqual([2, 40, 255])
  })
  it('an edit keeps codes of pinned cells on request, except where the token changed', () => {
    const edit = withToken(withPins(emptyEdit(), 'discriminative', three), 'discriminative', 40, 9, 1040)
    const { discriminative, codes } = pinnedOf(image, edit, { grid: 'discriminative', keepCodes: true })
    expect(discriminative![40]).toBe(9)
    expect(codes!.filter((token) => token >= 0)).toEqual([2, 255])
  })
  it('an edit gives only codes if the image has no discriminative tokens', () => {
    const pinned = pinnedOf({ codes: image.codes }, withPins(emptyEdit(), 'codes', three), { grid: 'codes' })
    expect(pinned.discriminative).toBeUndefined()
    expect(pinned.codes!.filter((token) => token >= 0)).toEqual([2, 40, 255])
  })
  it('an edit accepts other pins than those on screen', () => {
    const pinned = pinnedOf(image, emptyEdit(), { grid: 'codes', pinned: allCells(DIGIT_GRID) })
    expect(pinned.codes).toEqual([...image.codes.tokens])
  })
})

describe('tokens put in by hand', () => {
  it('tokens set by hand pin their cell, and unpinning reverts them', () => {
    const put = withToken(emptyEdit(), 'codes', 3, 77, 3)
    expect(put.codes.pinned[3]).toBe(1)
    expect(put.codes.put.get(3)).toBe(77)
    expect(withPins(put, 'codes', noCells(DIGIT_GRID)).codes.put.size).toBe(0)
  })
  it('setting the original token is not an edit', () => {
    const put = withToken(withToken(emptyEdit(), 'codes', 3, 77, 3), 'codes', 3, 3, 3)
    expect(put.codes.put.size).toBe(0)
  })
})

describe('undo', () => {
  const first = withPins(emptyEdit(), 'codes', three)
  const second = withToken(first, 'discriminative', 0, 1, 1000)
  it('undo and redo work', () => {
    let history = stepped(stepped(newHistory(), first), second)
    history = undone(undone(undone(history)))
    expect(isSameEdit(history.now, emptyEdit())).toBe(true)
    history = redone(redone(redone(history)))
    expect(history.now).toBe(second)
  })
  it('a new step drops undone steps', () => {
    const history = stepped(undone(stepped(stepped(newHistory(), first), second)), emptyEdit())
    expect(redone(history).now).toBe(history.now)
    expect(undone(history).now).toBe(first)
  })
  it('a step that changes nothing is ignored', () => {
    const history = stepped(newHistory(), first)
    expect(stepped(history, withPins(emptyEdit(), 'codes', three)).past).toHaveLength(1)
  })
})

describe('an edit as JSON', () => {
  it('an edit round-trips through JSON', () => {
    const edit = withToken(withPins(emptyEdit(), 'codes', three), 'discriminative', 9, 1, 1009)
    expect(isSameEdit(jsonToEdit(JSON.parse(JSON.stringify(editToJson(edit))))!, edit)).toBe(true)
  })
  it.each([null, 3, {}, { discriminative: { pinned: '01', put: [] }, codes: {} }])(
    '%j is not an edit',
    (json) => {
      expect(jsonToEdit(json)).toBeUndefined()
    },
  )
})

describe('an intervention', () => {
  const put = (...cells: number[]) => cells.map((cell) => ({ cell, token: 7, original: 1000 + cell }))
  const source = { run: 'other', image: 4 }
  const edit = withTokens(
    withTokens(emptyEdit(), 'discriminative', put(3, 5), { how: 'entry' }),
    'discriminative',
    put(9),
    { how: 'copy', source },
  )

  it('an intervention pins what it changes, in one step', () => {
    expect([...edit.discriminative.pinned.keys()].filter((cell) => edit.discriminative.pinned[cell])).toEqual(
      [3, 5, 9],
    )
    expect(stepped(newHistory(), edit).past).toHaveLength(1)
  })

  it('an intervention lists its changes and their kind', () => {
    const byHand = withToken(edit, 'discriminative', 5, 8, 1005)
    expect(changesOf(image, byHand)).toEqual([
      { grid: 'discriminative', how: 'entry', cells: [3], before: [1003], after: [7] },
      { grid: 'discriminative', how: 'hand', cells: [5], before: [1005], after: [8] },
      { grid: 'discriminative', how: 'copy', source, cells: [9], before: [1009], after: [7] },
    ])
    // Unpinned or restored tokens are not changes.
    const released = withPins(
      edit,
      'discriminative',
      cellsWhere(DIGIT_GRID, (cell) => cell === 3),
    )
    expect(changesOf(image, withToken(released, 'discriminative', 3, 1003, 1003))).toEqual([])
    expect(changesOf(image, edit, ['codes'])).toEqual([])
    expect(SampleRequestSchema.shape.changes.safeParse(changesOf(image, byHand)).success).toBe(true)
  })

  it('an intervention gives the original and the changed grid, with codes of unchanged cells on request', () => {
    const [before, after, again] = interventionOf(image, edit, { grid: 'discriminative' })
    expect([before, again]).toEqual(Array(2).fill({ discriminative: [...image.discriminative.tokens] }))
    expect(after!.codes).toBeUndefined()
    expect(
      after!.discriminative!.flatMap((token, cell) => (token === 1000 + cell ? [] : [[cell, token]])),
    ).toEqual([
      [3, 7],
      [5, 7],
      [9, 7],
    ])
    const [whole, kept, floor] = interventionOf(image, edit, { grid: 'discriminative', keepCodes: true })
    expect(whole!.codes).toEqual([...image.codes.tokens])
    expect(kept!.codes!.flatMap((code, cell) => (code < 0 ? [cell] : []))).toEqual([3, 5, 9])
    expect(floor).toEqual({ ...before, codes: kept!.codes })
  })

  it('an intervention on codes keeps the discriminative tokens', () => {
    const codes = withTokens(emptyEdit(), 'codes', [{ cell: 0, token: 99, original: 0 }], { how: 'entry' })
    const [before, after, ...more] = interventionOf(image, codes, { grid: 'codes' })
    expect(after!.discriminative).toEqual(before!.discriminative)
    expect([before!.codes![0], after!.codes![0], after!.codes![1]]).toEqual([0, 99, 1])
    expect(more).toEqual([])
  })

  it('an intervention survives a reload, with the kinds of its changes', () => {
    const again = jsonToEdit(JSON.parse(JSON.stringify(editToJson(edit))))!
    expect(changesOf(image, again)).toEqual(changesOf(image, edit))
    const broken = JSON.parse(JSON.stringify(editToJson(edit))) as { discriminative: { why: unknown } }
    broken.discriminative.why = [[3, { how: 'magic' }], 4, [200, { how: 'entry' }]]
    expect(changesOf(image, jsonToEdit(broken)!).map(({ how }) => how)).toEqual(['hand'])
  })
})
