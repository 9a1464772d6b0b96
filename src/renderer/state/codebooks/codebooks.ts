// Comparison of two codebooks: the atlases, the progress, and the sorted rows.
import { computed, shallowReactive } from 'vue'
import type { CodebookComparison, Matching } from '../../../shared/atlas/codebooks.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { AskedTokens, AtlasRequest, WorkspaceAtlas } from '../../../shared/atlas/atlases.ts'
import type { AtlasPair, ComparisonWork } from '../../../shared/atlas/codebook-comparisons.ts'
import { address } from '../app/address.ts'
import { contentsOf } from '../clusters/atlas.ts'
import { fileWords, finishedAtlases, tokenWords } from '../clusters/atlases.ts'
import { tokenChoices } from '../clusters/token-choices.ts'
import { calls } from '../app/calls.ts'
import { fileOf, modelSet } from '../models/models-in-use.ts'
import { isLost } from '../app/problems.ts'

/** Atlases that can be compared: of several scales only the finest, since all are of one codebook. */
export const comparableCodebooks = computed(() =>
  finishedAtlases.value.filter(({ scale }) => scale === undefined),
)

/** Source for an atlas to compare with the first; the demo pictures if there is no first. */
export function codebookWays(isDemoOpen: boolean): readonly { text: string; request: AtlasRequest }[] {
  const source = first.value?.source ?? (isDemoOpen ? { kind: 'demo' as const } : undefined)
  if (!source) return []
  const isDemo = source.kind === 'demo'
  const there = comparableCodebooks.value.filter((atlas) => first.value && isSameSource(atlas, first.value))
  const pictures = isDemo ? 'the demo pictures' : 'the same images'
  const kinds = tokenChoices(source)
    .filter(({ asked }) => asked.scale === undefined && !there.some((atlas) => isSameCodebook(atlas, asked)))
    .map(({ asked }) => ({
      text: `Build an atlas of ${pictures} by ${asked.otherCodebook === undefined ? tokenWords(asked) : fileWords(asked.otherCodebook)}`,
      request: { source, ...asked },
    }))
  const inUse = fileOf('codebook')?.sha256
  const files = modelSet.value?.files.filter(
    ({ kind, problem, sha256, facts }) =>
      kind === 'codebook' && problem === undefined && !facts.carried && sha256 !== inUse,
  )
  const others = (isDemo ? (files ?? []) : [])
    .map(({ path, sha256 }) => ({ name: path.split('/').at(-1)!, otherCodebook: sha256.slice(0, 8) }))
    .filter(({ otherCodebook }) => !there.some((atlas) => atlas.otherCodebook === otherCodebook))
    .map(({ name, otherCodebook }) => ({
      text: `Build an atlas of ${pictures} by ${name}`,
      request: { source, tokens: 'discriminative' as const, otherCodebook },
    }))
  return [...kinds, ...others]
}

/** The result, a problem, or the progress; undefined while loading. */
export type Compared =
  | { readonly comparison: CodebookComparison }
  | { readonly problem: string }
  | { readonly status: RunStatus }
  | undefined

const found = shallowReactive(new Map<string, Compared>())
const keyOf = ({ a, b }: AtlasPair) => `${a}--${b}`

const query = computed(() => address.value.query)
const byId = (id: string | undefined) => comparableCodebooks.value.find((atlas) => atlas.id === id)
export const isSameSource = (a: WorkspaceAtlas, b: WorkspaceAtlas): boolean =>
  Object.values(a.source).join(' ') === Object.values(b.source).join(' ')
const isSameCodebook = (a: AskedTokens, b: AskedTokens): boolean =>
  a.tokens === b.tokens && a.otherCodebook === b.otherCodebook

export const first = computed(() => byId(query.value.a) ?? (query.value.a ? undefined : firstOfTwo.value))
/** Atlases to compare the first with; those of the same pictures come first. */
export const others = computed(() => {
  const own = first.value
  if (!own) return []
  return comparableCodebooks.value
    .filter(({ id }) => id !== own.id)
    .sort((x, y) => Number(isSameSource(y, own)) - Number(isSameSource(x, own)))
})
export const second = computed(() => {
  const own = first.value
  return byId(query.value.b) ?? others.value.find((other) => own && isSameSource(other, own))
})
/** An atlas with a partner, else any; clusters before codes. */
const firstOfTwo = computed(() => {
  const inOrder = [...comparableCodebooks.value].sort(
    (x, y) => Number(x.tokens === 'codes') - Number(y.tokens === 'codes'),
  )
  const hasPartner = (one: WorkspaceAtlas) =>
    inOrder.some((other) => other.id !== one.id && isSameSource(other, one))
  return inOrder.find(hasPartner) ?? inOrder[0]
})
export const pair = computed<AtlasPair | undefined>(() =>
  first.value && second.value && first.value.id !== second.value.id
    ? { a: first.value.id, b: second.value.id }
    : undefined,
)

/** The state of a pair; the comparison starts on first use. */
export function comparisonOf(pair: AtlasPair): Compared {
  const key = keyOf(pair)
  if (!found.has(key)) {
    found.set(key, undefined)
    queueMicrotask(() => void read(pair, true))
  }
  return found.get(key)
}

async function read(pair: AtlasPair, begins: boolean): Promise<void> {
  const key = keyOf(pair)
  try {
    const comparison = await calls().readCodebooks(pair)
    if (comparison) return void found.set(key, { comparison: Object.freeze(comparison) })
    if (begins) await calls().startCodebooks(pair)
    else
      found.set(key, {
        problem: 'the comparison finished but was not found; one of the atlases may be newer',
      })
  } catch (error) {
    if (isLost(error)) return void found.delete(key)
    found.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
}

/** Handles an event of a running comparison. */
export function putComparison({ status, ...pair }: ComparisonWork): void {
  if (status.state === 'done') return void read(pair, false)
  found.set(keyOf(pair), status.state === 'failed' ? { problem: status.error.message } : { status })
}
/** Retries a failed or cancelled comparison. */
export function compareAgain(pair: AtlasPair): void {
  found.delete(keyOf(pair))
}
/** After a reconnect. */
export function retryComparisons(): void {
  found.clear()
}

export const SORTS = [
  { value: 'used', text: 'Most used' },
  { value: 'agree', text: 'Highest agreement' },
  { value: 'differ', text: 'Lowest agreement' },
  { value: 'id', text: 'By number' },
] as const
export type SortName = (typeof SORTS)[number]['value']

export interface MatchRow {
  readonly entry: number
  /** -1 if it has none. */
  readonly match: number
  readonly share: number
  readonly cells: number
}

/** The used entries of A with their matches, sorted; `search` matches the number of either. */
export function matchRows(
  { match, share }: Matching,
  cells: ArrayLike<number>,
  sort: SortName,
  search: string,
): readonly MatchRow[] {
  const rows = Array.from(match, (partner, entry) => ({
    entry,
    match: partner,
    share: share[entry]!,
    cells: cells[entry] ?? 0,
  })).filter((row) => row.cells > 0 && (search === '' || [row.entry, row.match].map(String).includes(search)))
  const order: Record<SortName, (x: MatchRow, y: MatchRow) => number> = {
    id: (x, y) => x.entry - y.entry,
    used: (x, y) => y.cells - x.cells,
    agree: (x, y) => y.share - x.share || y.cells - x.cells,
    differ: (x, y) => x.share - y.share || y.cells - x.cells,
  }
  return rows.sort(order[sort])
}

/** Cells per entry of an atlas; empty while its table is loading. */
export function cellsOf(atlas: string): ArrayLike<number> {
  const contents = contentsOf(atlas)
  return contents && 'value' in contents ? contents.value.table.cells : []
}
