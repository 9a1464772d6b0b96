import { expect, it } from 'vitest'
import {
  differences,
  filteredRows,
  publishedQueryOf,
} from '../../../../src/renderer/state/evaluate/published-table.ts'
import type { Stamp } from '../../../../src/shared/evaluation/evaluation.ts'
import {
  CLASS_CONDITIONAL,
  LINEAR_PROBE,
  UNCONDITIONAL,
} from '../../../../src/shared/evaluation/published.ts'

const shown = (query: Record<string, string>, rows = UNCONDITIONAL) =>
  filteredRows(rows, publishedQueryOf(query))

it('the table keeps the order of the paper until sorted; missing values come last in either order', () => {
  expect(shown({})).toEqual([...UNCONDITIONAL])
  expect(shown({ sort: 'fid' })[0]).toMatchObject({ method: 'DiGIT + VQGAN', fid: { value: 4.59 } })
  expect(shown({ sort: 'is' })[0]).toMatchObject({ inceptionScore: { value: 141.29 } })
  expect(shown({ sort: 'epochs', order: 'down' })[0]!.epochs).toBe(1600)
  expect(shown({ sort: 'epochs' }).at(-1)!.epochs).toBeUndefined()
})

it('the table is filtered by type and size', () => {
  expect(new Set(shown({ type: 'AR' }).map(({ type }) => type))).toEqual(new Set(['AR']))
  const large = shown({ size: 'large' }, CLASS_CONDITIONAL)
  expect(large.map(({ method }) => method)).toEqual(['L-DiT-7B', 'VQVAE-2', 'RQ-Trans', 'ViTVQGAN'])
  expect(filteredRows(LINEAR_PROBE, publishedQueryOf({ size: 'small' })).map(({ method }) => method)).toEqual(
    ['DiGIT'],
  )
})

it('an invalid address uses the defaults', () => {
  expect(publishedQueryOf({ table: 'x', type: 'y', size: 'z', sort: 'w' })).toEqual({
    table: 'unconditional',
    type: 'all',
    size: 'all',
    descending: false,
  })
})

it('lists the differences of a measurement from the release’s rows, if any', () => {
  const stamp = (changes: Partial<Stamp>): Stamp =>
    ({
      metric: 'torch-fidelity',
      badges: [],
      samples: { n: 50_000 },
      reference: { n: 50_000, kind: 'images', crop: 'Resize(256, bicubic) + CenterCrop(256), PIL' },
      ...changes,
    }) as Stamp
  expect(differences(stamp({}))).toEqual([])
  expect(differences(stamp({ metric: 'dinov2' }))).toEqual(['DINOv2 features: no FID'])
  expect(
    differences(
      stamp({
        metric: 'adm',
        samples: { ...stamp({}).samples, n: 64 },
        reference: { ...stamp({}).reference, n: 576, crop: 'Resize(64, bicubic) + CenterCrop(64), PIL' },
      }),
    ),
  ).toEqual(['protocol adm', 'n = 64', '576 reference images', '64 x 64 pixels'])
  expect(
    differences(
      stamp({
        reference: { ...stamp({}).reference, crop: 'as they are' },
        badges: ['2 of 3 images are JPEG or WebP', 'n = 3', 'unbalanced classes: 1 to 2 samples each'],
      }),
    ),
  ).toEqual([
    'pixels as they are',
    '2 of 3 images are JPEG or WebP',
    'unbalanced classes: 1 to 2 samples each',
  ])
})
