import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportCodecs, exportGenerateText } from '../../../src/engine/records/token-export.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

it('a folder that is not a token data set gives no file of tokens', async () => {
  const folder = temporaryFolder()
  folder.write('notes.txt', 'nothing')
  const out = join(folder.path, 'out.codecs')
  for (const write of [exportCodecs, exportGenerateText])
    await expect(write(folder.path, 'codes', out)).rejects.toThrow(
      `${folder.path}: not a token data set (dataset.json is missing)`,
    )
  expect(existsSync(out)).toBe(false)
})
