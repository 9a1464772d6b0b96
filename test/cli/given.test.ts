import { expect, it } from 'vitest'
import { readGiven } from '../../src/cli/given.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const { write } = temporaryFolder()
const tokens = Array.from({ length: 256 }, (_, cell) => (cell < 10 ? cell : -1))

it('--given takes entries, or one of them', async () => {
  const entry = { discriminative: tokens, codes: tokens }
  expect(await readGiven(write('one.json', JSON.stringify(entry)))).toEqual([entry])
  expect(await readGiven(write('two.json', JSON.stringify([{ codes: tokens }, {}])))).toEqual([
    { codes: tokens },
    {},
  ])
})

it('--given names the file and the field that is wrong', async () => {
  const refused = (text: string) => expect(readGiven(write('bad.json', text))).rejects
  await refused('{').toThrow(/--given .*bad\.json: .*JSON/)
  await refused('[]').toThrow(/bad\.json: entry: .*>=1/)
  await refused('[{"codes":[1,2]}]').toThrow(/bad\.json: entry 0 codes: .*256/)
  await refused(JSON.stringify([{}, { codes: tokens.with(3, 1.5) }])).toThrow(/entry 1 codes 3: .*int/)
  await expect(readGiven('/nowhere/tokens.json')).rejects.toThrow('--given /nowhere/tokens.json: ENOENT')
})
