// A line of metrics.jsonl that cannot be read hides no other, and no number is taken for the last one because of it.
import { expect, it } from 'vitest'
import { lastListed, readAllStamps, readStamps } from '../../../src/engine/records/stamps.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const set = { path: '/s', n: 2, sha256: 'a', kind: 'images', crop: 'as they are' }
const stamp = (key: string) => ({
  schema: 1,
  key,
  results: { fid: 1 },
  metric: 'dinov2',
  samples: set,
  reference: set,
  extractor: { name: 'dinov2', file: 'e.pth', sha256: 'c', input: 'uint8', provider: 'cpu' },
  settings: {},
  badges: [],
  versions: {},
  total_time: 1,
  timestamp: 1,
})
let files = 0
const file = (...lines: unknown[]) =>
  folder.write(
    `${files++}.jsonl`,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n').join(''),
  )
const any = () => true

it('lines before and after a damaged one are read', async () => {
  const path = file(
    stamp('a'),
    '{"schema":1,"cut',
    stamp('b'),
    { ...stamp('c'), results: { fid: 'low' } },
    { key: 'a', listed: false },
  )
  const { stamps, leftOut } = await readAllStamps(path)
  expect(stamps.map(({ stamp, listed, line }) => [stamp.key, listed, line])).toEqual([
    ['a', false, 1],
    ['b', true, 3],
  ])
  expect(leftOut).toEqual([
    { line: 2, problem: expect.stringContaining('not valid JSON') as string, isCut: false },
    { line: 4, problem: expect.stringContaining('results.fid: ') as string, isCut: false },
  ])
  expect((await readStamps(path)).map(({ key }) => key)).toEqual(['b'])
})

it('the last measurement is not one before a line that cannot be read', async () => {
  expect(await lastListed(file(stamp('a'), 'torn', stamp('b')), any)).toMatchObject({ key: 'b' })
  const torn = file(stamp('a'), stamp('b'), 'torn')
  await expect(lastListed(torn, any)).rejects.toThrow(`${torn}, line 3: not valid JSON`)
  expect(await lastListed(file(), any)).toBeUndefined()
  // A write that never ended is no measurement: every whole line ends with a line break.
  const cut = folder.write('cut.jsonl', `${JSON.stringify(stamp('a'))}\n{"schema":1,"ke`)
  expect(await lastListed(cut, any)).toMatchObject({ key: 'a' })
  expect((await readAllStamps(cut)).leftOut).toMatchObject([{ line: 2, isCut: true }])
})
