// Two token data sets of the same pictures -> how their codebooks compare, as comparison.json.
import { join } from 'node:path'
import { ModelError, RequestError } from '../../shared/errors.ts'
import type { CodebooksSpec } from '../../shared/run.ts'
import { writeFileAtomic } from '../bytes/index.ts'
import type { Provider } from '../session/index.ts'
import { compareCodebooks, type TokensOf } from '../tokens/compare-codebooks.ts'
import { readTokenColumns, type TokenColumns } from '../tokens/dataset/columns.ts'
import { CELLS } from '../tokens/dataset/rows.ts'
import { nearestAcross, readCodebook, type CodebookEntries } from './codebook-entries.ts'
import { makeFolder } from './folder-lock.ts'
import type { RunHooks, RunResult } from './hooks.ts'
import { openModels } from './import.ts'
import { chooseDevice } from './probe.ts'
import { readDatasetRecord, vocabularyOf } from './token-dataset.ts'

/** Reading A, reading B, matching, comparing. */
const STEPS = 4

export async function runCodebooks(spec: CodebooksSpec, hooks: RunHooks): Promise<RunResult> {
  const step = (done: number, note: string) => {
    hooks.signal.throwIfAborted()
    hooks.progress(done, STEPS, note)
  }
  await makeFolder(spec.out)
  const [a, b] = [await tokensOf(spec, 0, step), await tokensOf(spec, 1, step)]
  const inOrder = alignedTo(a, b, spec)
  step(2, 'matching the codebooks')
  const nearest = spec.codebooks && (await nearestBothWays(spec, spec.codebooks, [a.entries, b.entries]))
  step(3, 'comparing')
  const comparison = compareCodebooks(a, inOrder, nearest)
  const json = JSON.stringify(
    { schema: 1, spec, ...comparison },
    (_, value: unknown) =>
      value instanceof Int32Array || value instanceof Float32Array ? Array.from(value) : value,
    1,
  )
  const path = join(spec.out, 'comparison.json')
  await writeFileAtomic(path, json + '\n')
  const told = comparison.matchings.map(
    ({ by, agreement, mutual }) =>
      `matched by ${by}: ${(100 * agreement).toFixed(1)} % of tokens agree, ${mutual} pairs are mutual`,
  )
  const used = [comparison.a, comparison.b].map(
    ({ entries, used, quantisationError: error }) =>
      `${used} of ${entries} used${error === undefined ? '' : `, quantisation error ${error.toPrecision(6)}`}`,
  )
  return {
    finished: comparison.images,
    summary: [
      `first: ${used[0]}`,
      `second: ${used[1]}`,
      ...told,
      `normalised mutual information ${comparison.normalisedMutualInformation.toFixed(4)}; ${path}`,
    ].join('\n'),
  }
}

type Read = TokensOf & Pick<TokenColumns, 'paths'>

async function tokensOf(
  { datasets, tokens }: CodebooksSpec,
  which: 0 | 1,
  step: (done: number, note: string) => void,
): Promise<Read> {
  const folder = datasets[which]
  const entries = vocabularyOf(await readDatasetRecord(folder), tokens, folder)
  const columns = await readTokenColumns(folder, tokens, entries, (done, of) =>
    step(which + done / of, `reading ${folder}`),
  )
  return { ...columns, entries }
}

/** B's images in A's order. Throws RequestError where the two are not of the same pictures. */
function alignedTo(a: Read, b: Read, { datasets }: CodebooksSpec): Read {
  if (a.paths.length !== b.paths.length)
    throw new RequestError(
      `${datasets[0]} has ${a.paths.length} images, ${datasets[1]} has ${b.paths.length}; the same pictures are needed`,
    )
  if (a.paths.every((path, i) => path === b.paths[i])) return b
  const places = new Map(b.paths.map((path, i) => [path, i]))
  const order = a.paths.map((path) => {
    const place = places.get(path)
    if (place === undefined) throw new RequestError(`${path} is in ${datasets[0]} and not in ${datasets[1]}`)
    return place
  })
  const reordered = <T extends Int32Array | Float32Array>(values: T): T => {
    const out = values.slice() as T
    order.forEach((place, i) => out.set(values.subarray(place * CELLS, (place + 1) * CELLS), i * CELLS))
    return out
  }
  return {
    ...b,
    paths: a.paths,
    tokens: reordered(b.tokens),
    ...(b.distances ? { distances: reordered(b.distances) } : {}),
  }
}

async function nearestBothWays(
  { device, tokens }: CodebooksSpec,
  paths: readonly [string, string],
  entries: readonly [number, number],
): Promise<{ ofA: Int32Array; ofB: Int32Array }> {
  const { provider } = await chooseDevice(device)
  const [a, b] = [
    await codebookAt(paths[0], tokens, entries[0]),
    await codebookAt(paths[1], tokens, entries[1]),
  ]
  if (a.D !== b.D)
    throw new ModelError(`${a.path} is ${a.D} wide, ${b.path} ${b.D}; centroids of one width can be matched`)
  return both(a, b, provider)
}

const both = async (a: CodebookEntries, b: CodebookEntries, provider: Provider) => ({
  ofA: await nearestAcross(a, b, provider),
  ofB: await nearestAcross(b, a, provider),
})

async function codebookAt(
  path: string,
  tokens: CodebooksSpec['tokens'],
  entries: number,
): Promise<CodebookEntries> {
  const models = await openModels([path])
  try {
    const codebook = await readCodebook(models, tokens)
    if (codebook.K !== entries)
      throw new ModelError(`${path} has ${codebook.K} entries; the tokens are of a codebook of ${entries}`)
    return codebook
  } finally {
    await models.close()
  }
}
