// Two token data sets of the same pictures -> a comparison of their codebooks, comparison.json.
import { join } from 'node:path'
import { ModelError, RequestError } from '../../../shared/errors.ts'
import type { CodebooksSpec } from '../../../shared/run/run.ts'
import { makeFolder, writeFileAtomic } from '../../bytes/index.ts'
import type { Provider } from '../../session/index.ts'
import { compareCodebooks, type TokensOf } from '../../tokens/compare-codebooks.ts'
import { readTokenColumns, type TokenColumns } from '../../tokens/dataset/columns.ts'
import { nearestAcross, readCodebook, type CodebookEntries } from './codebook-entries.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { readDatasetRecord, vocabularyOf } from '../../records/token-dataset.ts'

/** Reading A, reading B, matching, comparing. */
const STEPS = 4

export async function runCodebooks(spec: CodebooksSpec, callbacks: RunCallbacks): Promise<RunResult> {
  const step = (done: number, note: string) => {
    callbacks.signal.throwIfAborted()
    callbacks.progress(done, STEPS, note)
  }
  await makeFolder(spec.out)
  const [a, b] = [await tokensOf(spec, 0, step), await tokensOf(spec, 1, step)]
  const inOrder = alignedTo(a, b)
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
      `matched by ${by}: ${(100 * agreement).toFixed(1)} % token agreement, ${mutual} mutual pairs`,
  )
  const used = [comparison.a, comparison.b].map(
    ({ entries, used, quantisationError: error }) =>
      `${used} of ${entries} used${error === undefined ? '' : `, quantization error ${error.toPrecision(6)}`}`,
  )
  return {
    finished: comparison.images,
    summary: [
      `first: ${used[0]}`,
      `second: ${used[1]}`,
      ...told,
      `mutual information ${comparison.adjustedMutualInformation!.toFixed(4)} adjusted for chance, ${comparison.normalisedMutualInformation.toFixed(4)} normalised only; ${path}`,
    ].join('\n'),
  }
}

interface Read extends TokensOf {
  readonly folder: string
  /** Folder that the paths are relative to. */
  readonly root: string
  readonly paths: TokenColumns['paths']
  readonly hashes: TokenColumns['hashes']
}

async function tokensOf(
  spec: CodebooksSpec,
  which: 0 | 1,
  step: (done: number, note: string) => void,
): Promise<Read> {
  const [folder, tokens] = [spec.datasets[which], gridsOf(spec)[which]]
  const record = await readDatasetRecord(folder)
  const entries = vocabularyOf(record, tokens, folder)
  const columns = await readTokenColumns(folder, tokens, entries, (done, of) =>
    step(which + done / of, `reading ${folder}`),
  )
  return { ...columns, entries, folder, root: record.root }
}

/** The token layer of each data set. */
const gridsOf = ({ tokens, secondTokens = tokens }: CodebooksSpec) => [tokens, secondTokens] as const

/** B's images in A's order. Throws RequestError if the pictures differ. */
function alignedTo(a: Read, b: Read): Read {
  if (a.paths.length !== b.paths.length)
    throw new RequestError(
      `${a.folder} has ${a.paths.length} images, ${b.folder} has ${b.paths.length}; both must contain the same pictures`,
    )
  const places = new Map(b.paths.map((path, i) => [path, i]))
  // Tokens without pictures are compared in their order.
  const order = a.paths.map((path, i) => (path === '' && b.paths[i] === '' ? i : places.get(path)))
  const at = order.map((place, i) => {
    if (place === undefined) throw new RequestError(`${a.paths[i]}: in ${a.folder} but not in ${b.folder}`)
    if (!isSamePicture(a, i, b, place))
      throw new RequestError(
        `${a.paths[i]}: different pictures in ${a.folder} and ${b.folder}; both must contain the same pictures`,
      )
    return place
  })
  if (at.every((place, i) => place === i)) return b
  const reordered = <T extends Int32Array | Float32Array>(values: T): T => {
    const out = values.slice() as T
    const cells = values.length / at.length
    at.forEach((place, i) => out.set(values.subarray(place * cells, (place + 1) * cells), i * cells))
    return out
  }
  return {
    ...b,
    paths: a.paths,
    tokens: reordered(b.tokens),
    ...(b.distances ? { distances: reordered(b.distances) } : {}),
  }
}

/** By file content if both record it, else by path. */
function isSamePicture(a: Read, i: number, b: Read, j: number): boolean {
  if (a.paths[i] === '') return true
  const [own, other] = [a.hashes[i], b.hashes[j]]
  return own && other ? own === other : a.root === b.root
}

async function nearestBothWays(
  spec: CodebooksSpec,
  paths: readonly [string, string],
  entries: readonly [number, number],
): Promise<{ ofA: Int32Array; ofB: Int32Array }> {
  const { provider } = await chooseDevice(spec.device)
  const [first, second] = gridsOf(spec)
  const [a, b] = [
    await codebookAt(paths[0], first, entries[0]),
    await codebookAt(paths[1], second, entries[1]),
  ]
  if (a.D !== b.D)
    throw new ModelError(
      `${a.path} (width ${a.D}) and ${b.path} (width ${b.D}): only centroids of the same width can be matched`,
    )
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
      throw new ModelError(`${path}: wrong number of entries (found ${codebook.K}, expected ${entries})`)
    return codebook
  } finally {
    await models.close()
  }
}
