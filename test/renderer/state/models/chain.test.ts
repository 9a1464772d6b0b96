import { expect, it } from 'vitest'
import type { ModelFile } from '../../../../src/shared/models/models.ts'
import { shortPath } from '../../../../src/renderer/state/models/chain.ts'

const file = (path: string): ModelFile => ({
  id: path,
  path,
  prefix: '',
  kind: 'unknown',
  bytes: 0,
  sha256: '',
  summary: '',
  facts: {},
})

it.each([
  ['km_8k.npy', 'km_8k.npy'],
  ['data/emoji/km_8k.npy', 'km_8k.npy'],
  ['outputs/stage1/checkpoints/checkpoint_last.pt', 'stage1/checkpoint_last.pt'],
  ['outputs/stage1/checkpoint_last.pt', 'stage1/checkpoint_last.pt'],
  ['checkpoints/checkpoint_last.pt', 'checkpoint_last.pt'],
  ['checkpoint_last.pt', 'checkpoint_last.pt'],
])('%s has the short name %s', (path, short) => expect(shortPath(file(path))).toBe(short))
