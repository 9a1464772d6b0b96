// Names of the workspace's atlases, and what lies under them.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { askedOfAtlas, atlasId, findAtlases, tokensFolder } from '../../../src/engine/workspace/atlases.ts'
import type { AtlasRequest } from '../../../src/shared/atlas/atlases.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const HASHES = new Set(['b', 'a'])
const DEMO: AtlasRequest = { source: { kind: 'demo' }, tokens: 'discriminative' }
const RUN: AtlasRequest = { source: { kind: 'run', run: '20261123-044438-5f0c' }, tokens: 'codes' }

it.each([
  DEMO,
  RUN,
  { ...DEMO, tokens: 'codes' },
  { ...RUN, scale: 13 },
  { ...DEMO, tokens: 'codes', scale: 1, otherCodebook: '0123abcd' },
  { ...RUN, source: { kind: 'run', run: 'demo-7' } },
] as const)('an id contains its request: %o', (request) =>
  expect(askedOfAtlas(atlasId(request, '/demo', HASHES))).toEqual(request),
)

it('an id of the demo depends on its models, not on their order', () => {
  const id = atlasId(DEMO, '/demo', HASHES)
  expect(atlasId(DEMO, '/demo', new Set(['a', 'b']))).toBe(id)
  expect(atlasId(DEMO, '/demo', new Set(['a', 'c']))).not.toBe(id)
})

it('atlases of all token layers share one data set', () => {
  const codes = atlasId({ ...DEMO, tokens: 'codes' }, '/demo', HASHES)
  const scale = atlasId({ ...DEMO, tokens: 'codes', scale: 13 }, '/demo', HASHES)
  for (const id of [codes, scale])
    expect(tokensFolder('w', id)).toBe(tokensFolder('w', atlasId(DEMO, '/demo', HASHES)))
})

it.each(['../secret-codes', 'a/b-codes', 'demo', '-codes', 'x-pixels', 'x-scale_', 'x-scale_100'])(
  '%s is not an atlas id',
  (id) => {
    expect(() => askedOfAtlas(id)).toThrow('not an atlas id')
  },
)

it('finds unfinished atlases, and none in a new workspace', async () => {
  expect(await findAtlases(join(folder.path, 'new'))).toEqual([])
  folder.write('workspace/atlases/seven-codes/starts.npy', 'half')
  folder.write('workspace/atlases/other/file', '')
  expect(await findAtlases(join(folder.path, 'workspace'))).toEqual([
    {
      id: 'seven-codes',
      source: { kind: 'run', run: 'seven' },
      tokens: 'codes',
      status: { state: 'cancelled', finished: 0 },
    },
  ])
})
