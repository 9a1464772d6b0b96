import { describe, expect, it } from 'vitest'
import { FIGURE_FIELDS, panelFields } from '../../../src/shared/figures/fields.ts'
import { PanelSchema } from '../../../src/shared/figures/panels.ts'

describe('the fields of a form', () => {
  it.each(PanelSchema.options.map((option) => [option.shape.kind.value, option] as const))(
    'are those of the schema: %s',
    (kind, option) => {
      // How values were measured comes with them.
      const names = Object.keys(option.shape).filter((name) => name !== 'kind' && name !== 'how')
      expect(panelFields(kind).map(({ name }) => name)).toEqual(names)
    },
  )

  it('have the type, limits and default of the schema', () => {
    const field = (kind: 'grid' | 'chart' | 'table' | 'variance' | 'intervention', name: string) =>
      panelFields(kind).find((field) => field.name === name)
    expect(field('grid', 'columns')).toMatchObject({
      kind: 'number',
      whole: true,
      least: 1,
      most: 1000,
      optional: false,
    })
    expect(field('grid', 'images')).toMatchObject({ kind: 'images' })
    expect(field('grid', 'insets')).toMatchObject({
      kind: 'list',
      optional: true,
      fields: [
        { name: 'cell', kind: 'number' },
        { name: 'region', kind: 'group' },
        { name: 'corner', kind: 'choice', fallback: 'bottom-right' },
        { name: 'size', fallback: 0.45 },
      ],
    })
    expect(field('chart', 'series')).toMatchObject({ kind: 'list' })
    expect(field('table', 'rows')).toMatchObject({ kind: 'cells' })
    expect(field('intervention', 'pairs')).toMatchObject({
      fields: [{ kind: 'image' }, { kind: 'image' }, { kind: 'text' }],
    })
    expect(FIGURE_FIELDS.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'font',
        'dpi',
        'enlarge',
        'gutter',
        'letters',
        'caption',
        'label',
        'selection',
      ]),
    )
  })
})
