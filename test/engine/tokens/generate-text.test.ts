import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesSource, openFile } from '../../../src/engine/bytes/index.ts'
import {
  readGenerateText,
  writeGenerateText,
  type GeneratedSample,
} from '../../../src/engine/tokens/generate-text.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const text = (content: string) => bytesSource('generate-val.txt', Buffer.from(content))
const read = (content: string) => readGenerateText(text(content), { length: 3, vocabulary: 10 })

/** As fairseq_cli/generate.py prints it: batches out of order, messages between, scores in base 2 with eos. */
const PRINTED = [
  '2024-05-01 10:00:00 | INFO | fairseq_cli.generate | loading',
  'S-5\t',
  'H-5\t-1.5\t7 8 9',
  'D-5\t-1.5\t7 8 9',
  'P-5\t-1.0000 -2.0000 -0.5000 -2.5000',
  'I-5\t3',
  'E-5_0\t1 2 3',
  'H-2\t-1\t1 2 3',
  'P-2\t-1.0000 -inf -0.5000 0.0000',
  'H-2\t-9\t4 4 4',
  '| Generate val with beam=1',
].join('\n')

describe('generate-*.txt', () => {
  it('are read in the order of their ids, with natural logarithms and without eos', async () => {
    const [two, five] = await read(PRINTED)
    expect([two!.id, [...two!.tokens], five!.id, [...five!.tokens]]).toEqual([2, [1, 2, 3], 5, [7, 8, 9]])
    expect([...five!.logProbabilities!]).toEqual([-1, -2, -0.5].map((x) => Math.fround(x * Math.LN2)))
    expect(two!.logProbabilities![1]).toBe(-Infinity)
  })

  it.each([
    ['H-1\t-1\t1 2', 'generate-val.txt, line 1: wrong number of tokens (found 2, expected 3)'],
    ['x\nH-1\t-1\t1 <unk> 2', "generate-val.txt, line 2: token 2: not an id (found '<unk>')"],
    ['H-1\t-1\t1 2 10', 'line 1: token 3: out of range (found 10, vocabulary size 10)'],
    ['H-1\t1 2 3', 'line 1: invalid line (expected a score and tokens'],
    ['H-1\t-1\t1 2 3\nP-1\t-1 -2', 'generate-val.txt, line 2: wrong number of scores (found 2, expected 3'],
    ['H-1\t-1\t1 2 3 4', 'generate-val.txt, line 1: wrong number of tokens (found 4, expected 3)'],
    [
      'H-1\t-1\t1 2 3\nP-1\t-1 -2 -3 -4 -5',
      'line 2: wrong number of scores (found 5, expected 3, or one more for the end of sentence)',
    ],
    ['1 2 3\n', 'no H- or D- lines'],
  ])('refuse %j: %s', async (content, message) => {
    await expect(read(content)).rejects.toThrow(message)
  })

  it('joined from shards with the same sample numbers keep every sample, shard by shard', async () => {
    const shard = (first: number) =>
      [1, 0].map((id) => `S-${id}\t\nH-${id}\t-1\t${first} ${id} 0\nP-${id}\t-1 -${first} -1 0`).join('\n')
    const samples = await read([shard(3), shard(4), shard(5)].join('\n'))
    expect(samples.map(({ id, tokens }) => [id, ...tokens])).toEqual(
      [3, 4, 5].flatMap((first) => [0, 1].map((id) => [id, first, id, 0])),
    )
    expect(samples.map(({ logProbabilities }) => Math.round(-logProbabilities![1]! / Math.LN2))).toEqual([
      3, 3, 4, 4, 5, 5,
    ])
  })

  it('with lines sorted by letter contain the same samples', async () => {
    const sorted = ['H-0\t-1\t1 1 1', 'H-1\t-1\t2 2 2', 'D-0\t-1\t3 3 3', 'D-1\t-1\t4 4 4', 'P-0\t-1 -1 -1 0']
    const samples = await read(sorted.join('\n'))
    expect(samples.map(({ id, tokens }) => [id, ...tokens])).toEqual([
      [0, 3, 3, 3],
      [1, 4, 4, 4],
    ])
  })

  it('are read back as written', async () => {
    const samples: Required<GeneratedSample>[] = [0, 1].map((id) => ({
      id,
      tokens: Int32Array.from({ length: 256 }, (_, i) => (i * 7 + id) % 50),
      logProbabilities: Float32Array.from({ length: 256 }, (_, i) => -(i % 13) / 3 - id),
    }))
    const path = join(folder.path, 'generate-val.txt')
    await writeGenerateText(
      path,
      (async function* () {
        yield* samples
      })(),
    )
    const source = await openFile(path)
    const back = await readGenerateText(source)
    await source.close()
    expect(back.map(({ id, tokens }) => [id, [...tokens]])).toEqual(
      samples.map(({ id, tokens }) => [id, [...tokens]]),
    )
    // Four decimals in base 2, as fairseq prints them.
    for (const [i, { logProbabilities }] of back.entries())
      for (const [j, value] of logProbabilities!.entries())
        expect(Math.abs(value - samples[i]!.logProbabilities[j]!)).toBeLessThan(0.00005)
  })
})
