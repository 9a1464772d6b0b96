import { expect, it } from 'vitest'
import { readPinned } from '../../src/cli/pinned.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const { write } = temporaryFolder()
const tokens = Array.from({ length: 256 }, (_, cell) => (cell < 10 ? cell : -1))

it('--pinned accepts one entry or a list of entries', async () => {
  const entry = { discriminative: tokens, codes: tokens }
  expect(await readPinned(write('one.json', JSON.stringify(entry)))).toEqual([entry])
  expect(await readPinned(write('two.json', JSON.stringify([{ codes: tokens }, {}])))).toEqual([
    { codes: tokens },
    {},
  ])
})

it('--pinned accepts a file of PowerShell', async () => {
  const text = Buffer.from('\ufeff[{}]', 'utf16le')
  expect(await readPinned(write('utf16.json', text))).toEqual([{}])
})

it('--pinned reports the file and the field that is wrong', async () => {
  const refused = (text: string) => expect(readPinned(write('bad.json', text))).rejects
  await refused('{').toThrow(/--pinned .*bad\.json: .*JSON/)
  await refused('[]').toThrow(/bad\.json: entry: .*>=1/)
  await refused('[{"discriminative":[1,2]}]').toThrow(/bad\.json: entry 0 discriminative: .*256/)
  await refused(JSON.stringify([{}, { codes: tokens.with(3, 1.5) }])).toThrow(/entry 1 codes 3: .*int/)
  await expect(readPinned('/nowhere/tokens.json')).rejects.toThrow(
    '--pinned /nowhere/tokens.json: no such file',
  )
})
