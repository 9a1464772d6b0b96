import { describe, expect, it } from 'vitest'
import { checkFigure, figureImages, parseFigure } from '../../../src/shared/figures/figure.ts'
import type { PAGE_PRESETS } from '../../../src/shared/figures/page.ts'
import { pageWidth } from '../../../src/shared/figures/page.ts'

const GRID = { kind: 'grid', columns: 2, images: [{ file: 'a.png' }, { run: 'runs/x', image: 3 }] }
const figure = (fields: object) => checkFigure({ schema: 1, rows: [[GRID]], ...fields }, 'f.json')

it('fills in defaults', () => {
  expect(figure({})).toMatchObject({
    page: { preset: 'neurips' },
    font: { family: 'Tinos', size: 8 },
    dpi: 300,
    enlarge: 'smooth',
  })
  expect([...figureImages(figure({ rows: [[GRID], [GRID]] })).keys()]).toEqual(['a.png', 'runs/x#3'])
})

describe('refuses an invalid figure and reports the file and the field', () => {
  it.each([
    [{ schema: 2 }, 'f.json: made by a newer version of this program (found schema 2, expected at most 1)'],
    [{ schema: undefined }, 'f.json: not a figure file: "schema" is missing or not a number'],
    [{ font: { family: 'Comic Sans' } }, 'font.family: '],
    [{ page: { width: 0 } }, 'page.width: '],
    [{ dpi: 0 }, 'dpi: '],
    [{ colour: 'red' }, 'colour'],
    [{ rows: [[{ ...GRID, images: [] }]] }, 'rows.0.0.images: '],
    [{ rows: [[{ ...GRID, kind: 'pie' }]] }, 'rows.0.0.kind: '],
    [{ label: 'a b' }, 'label: not a valid LaTeX label'],
  ])('%j', (fields, message) => {
    expect(() => figure(fields)).toThrow(message)
    expect(() => figure(fields)).toThrow('f.json')
  })

  it('text that is not JSON', () => {
    expect(() => parseFigure('{"schema": 1,', 'f.json')).toThrow(/^f\.json: not valid JSON /)
  })
})

it('page widths match the author kits: 5.5, 3.25 and 6.875 inches', () => {
  const inches = (preset: keyof typeof PAGE_PRESETS) => pageWidth({ preset }) / 72
  expect(inches('neurips')).toBeCloseTo(5.5, 6)
  expect(inches('iclr')).toBeCloseTo(5.5, 6)
  expect(inches('cvpr-column')).toBeCloseTo(3.25, 6)
  expect(inches('cvpr-text')).toBeCloseTo(6.875, 6)
  expect(pageWidth({ preset: 'neurips', share: 0.5 })).toBeCloseTo(198, 6)
})
