// The record files of a workspace, each changed in one place: whatever they say, every reader answers or refuses with an
// error that names the file, and what stands beside them is still read.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createEngine } from '../../src/engine/api/index.ts'
import { exportRun } from '../../src/engine/paper/export.ts'
import { makeFigure } from '../../src/engine/paper/figure.ts'
import { reproduceJobs } from '../../src/engine/paper/reproduce-jobs.ts'
import { exportCodecs } from '../../src/engine/records/token-export.ts'
import { openImageSet } from '../../src/engine/runs/evaluation/image-set.ts'
import { runImportTokens } from '../../src/engine/runs/import-tokens.ts'
import { stampLatex } from '../../src/shared/evaluation/stamp-latex.ts'
import type { RunCallbacks } from '../../src/engine/devices/callbacks.ts'
import { randomNumbers } from '../fuzz/mutate.ts'
import { HOSTILE_HTML, mutateRecord } from './mutate-record.ts'
import { ADDED_RECORDS } from './added-records.ts'

const FIXTURE = 'test/fixtures/workspace-0.1'
const RUNS = [
  '20261129-042642-4b59',
  '20261129-042649-60cd',
  '20261129-042653-ccdb',
  'demo-ar',
  'demo-decoded',
]
const SWEEPS = ['20261129-042701-993a', 'demo-sweep']
const ATLAS = 'set.a59324448286.18808b16-discriminative'
const TOKENS = 'set.a59324448286.18808b16'
const MEASUREMENT = '9406ce0ea0d117c2'
const SET = 'a59324448286'
/** What refuses data is one of these; anything else is a reader that believed it. */
const REFUSALS: ReadonlySet<string> = new Set([
  'FormatError',
  'RequestError',
  'ModelError',
  'ConflictError',
  'UsageError',
])
/** Nothing in such small files takes so long. */
const SLOW_MS = 5000
const HANG_MS = 20_000

export interface RecordFault {
  readonly file: string
  /** Number of the mutation: `mutationOf` makes it again. */
  readonly number: number
  readonly reader: string
  readonly problem: string
}

export interface RecordCounts {
  readonly files: number
  readonly reads: number
  readonly refused: number
  readonly faults: readonly RecordFault[]
}

type Reader = readonly [name: string, read: () => Promise<unknown>]

/** The fixture with records that it lacks, and its record files by name. */
export async function openRecords(workspace: string): Promise<string[]> {
  await cp(resolve(FIXTURE), workspace, { recursive: true })
  for (const [name, content] of Object.entries(ADDED_RECORDS)) {
    await mkdir(join(workspace, name, '..'), { recursive: true })
    await writeFile(join(workspace, name), JSON.stringify(content))
  }
  const names = await readdir(workspace, { recursive: true })
  return names.filter((name) => /\.(json|jsonl|png|npy|npz|parquet|codecs|txt|csv)$/.test(name)).sort()
}

/** Mutates `count` files one after another, each by its own number; `first` is the first number. */
export async function mutateRecords(
  folder: string,
  { count, seed, first = 0 }: { readonly count: number; readonly seed: number; readonly first?: number },
): Promise<RecordCounts> {
  const workspace = join(folder, 'workspace')
  const files = await openRecords(workspace)
  const whole = await lengthsOf(workspace)
  const faults: RecordFault[] = []
  let [reads, refused] = [0, 0]
  for (let number = first; number < first + count; number++) {
    const random = randomNumbers(seed * 1_000_003 + number)
    const file = files[number % files.length]!
    const good = await readFile(join(workspace, file))
    await writeFile(join(workspace, file), mutateRecord(file, good, random))
    const out = join(folder, 'out')
    for (const [reader, read] of readersOf(workspace, file, out, whole)) {
      reads++
      const started = performance.now()
      const problem = await within(HANG_MS, read()).then(
        () => undefined,
        (error: unknown) => problemOf(error),
      )
      if (problem === '') refused++
      else if (problem !== undefined) faults.push({ file, number, reader, problem })
      const took = performance.now() - started
      if (took > SLOW_MS) faults.push({ file, number, reader, problem: `took ${took.toFixed(0)} ms` })
    }
    await rm(out, { recursive: true, force: true })
    await writeFile(join(workspace, file), good)
  }
  return { files: files.length, reads, refused, faults }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Empty for an error that a person can act on. */
function problemOf(error: unknown): string {
  if (error instanceof Error && REFUSALS.has(error.name)) return ''
  return error instanceof Error ? (error.stack ?? String(error)) : String(error)
}

const callbacks: RunCallbacks = { progress() {}, signal: new AbortController().signal }

type Api = ReturnType<typeof createEngine>['api']
type List = () => Promise<readonly unknown[]>

/** Lists that a page shows. */
const listsOf = (api: Api): readonly (readonly [string, List])[] => [
  ['listSweeps', () => api.listSweeps()],
  ['listAtlases', () => api.listAtlases()],
  [
    'listMeasurements',
    async () => {
      const all = await api.listMeasurements()
      all.forEach(({ stamp }) => checkedLatex(stampLatex(stamp, 'x')))
      return all
    },
  ],
  ['listProbes', () => api.listProbes()],
  ['listTrash', () => api.listTrash()],
  ['listFigures', () => api.listFigures()],
  ['listImageSets', () => api.listImageSets()],
  ['listPictures', () => api.listPictures()],
  ['listEvaluations', () => api.listEvaluations()],
]

/** Lengths of the lists of an undamaged workspace. */
async function lengthsOf(workspace: string): Promise<ReadonlyMap<string, number>> {
  const lists = listsOf(createEngine({ workspace, models: [] }).api)
  return new Map(await Promise.all(lists.map(async ([name, list]) => [name, (await list()).length] as const)))
}

/** One damaged file hides no more than what is in it: a list has all others, and never refuses. */
async function checkedList(list: List, whole: number, changed: string): Promise<void> {
  const found = await list().catch((error: Error) => {
    throw new Error(`refused as a whole: ${error.message}`, { cause: error })
  })
  const inFile = /\.jsonl$/.test(changed) ? whole : 1
  if (found.length < whole - inFile) throw new Error(`lost (found ${found.length} of ${whole})`)
}

/** What reads this file, and all lists; `whole` are the lengths of these without damage. */
function readersOf(
  workspace: string,
  file: string,
  out: string,
  whole: ReadonlyMap<string, number>,
): Reader[] {
  const { api } = createEngine({ workspace, models: [] })
  const [kind, id = ''] = file.split(/[\\/]/)
  const isRun = RUNS.includes(id)
  const folder = join(workspace, 'runs', id)
  const lists: Reader[] = [
    ['snapshot', () => checkedSnapshot(api, isRun ? id : undefined)],
    ...listsOf(api).map(([name, list]): Reader => [name, () => checkedList(list, whole.get(name)!, file)]),
  ]
  const forms = (['folder', 'adm', 'codecs', 'html'] as const).map((as): Reader => [
    `export --as ${as}`,
    async () => {
      await exportRun({ run: folder, as, out: join(out, as), force: true }, callbacks)
      if (as === 'html') checkedHtml(await readFile(join(out, as, 'index.html'), 'utf8'))
    },
  ])
  const ofRun: Reader[] = [
    ['listImages', () => api.listImages(id)],
    ['readRecord', () => api.readRecord(id, 0)],
    ['readTokens', () => api.readTokens(id, [0, 1])],
    ['readSource', () => api.readSource(id, 0)],
    ['readPictureTokens', () => api.readPictureTokens({ of: 'run', run: id, image: 0 }, 'codes', false)],
    ...forms,
    ['reproduce', () => reproduceJobs({ path: folder, workspace })],
    ['reproduce image', () => reproduceJobs({ path: join(folder, 'images', '000000.png'), workspace })],
    [
      'import-tokens',
      () =>
        runImportTokens(
          { kind: 'import-tokens', source: folder, out: join(out, 'tokens'), tokens: 'codes' } as never,
          callbacks,
        ),
    ],
    ['openImageSet', () => openImageSet(folder)],
    ['readFigureThumbnail', () => api.readFigureThumbnail('samples')],
    [
      'figure',
      () =>
        makeFigure({
          path: join(workspace, 'figures', 'samples', 'figure.json'),
          out: join(out, 'figure'),
          workspace,
          formats: ['svg', 'paper'],
          force: true,
        } as never),
    ],
  ]
  const byKind: Readonly<Record<string, readonly Reader[]>> = {
    runs: isRun ? ofRun : [...SWEEPS.map((sweep): Reader => ['readSweep', () => api.readSweep(sweep)])],
    sweeps: [
      ...SWEEPS.map((sweep): Reader => ['readSweep', () => api.readSweep(sweep)]),
      ['readRecord', () => api.readRecord(`${SWEEPS[0]}@temperature20.9`, 0)],
    ],
    atlases: [
      ['readAtlas', () => api.readAtlas(ATLAS)],
      ...[0, 3, 23].map((entry): Reader => ['readCluster', () => api.readCluster(ATLAS, entry)]),
      ['readExamples', () => api.readExamples(ATLAS, [0, 3], 4)],
      ['readAtlasPicture', () => api.readAtlasPicture(ATLAS, 0)],
      ['readComparison', () => api.readComparison(ATLAS, ATLAS)],
      ['readLabels', () => api.readLabels(ATLAS)],
      [
        'readPictureTokens',
        () => api.readPictureTokens({ of: 'atlas', atlas: ATLAS, image: 0 }, 'discriminative', false),
      ],
    ],
    labels: [
      ['readLabels', () => api.readLabels(ATLAS)],
      ['setLabels', () => api.setLabels(ATLAS, [{ entry: 3, label: 'x', note: '', tags: [] }])],
    ],
    nearest: [['readNearest', () => api.readNearest(MEASUREMENT)]],
    tokens: [
      [
        'exportCodecs',
        () => exportCodecs(join(workspace, 'tokens', TOKENS), 'discriminative', join(out, 'a.codecs')),
      ],
      ['readAtlas', () => api.readAtlas(ATLAS)],
    ],
    figures: [
      ['readFigure', () => api.readFigure('samples')],
      ['previewFigure', async () => api.previewFigure('samples', (await api.readFigure('samples')).text)],
      ...ofRun.slice(-2),
      [
        'reproduce',
        () => reproduceJobs({ path: join(workspace, 'figures', 'samples', 'figure.json'), workspace }),
      ],
    ],
    sets: [['readSetPicture', () => api.readSetPicture({ kind: 'set', set: SET }, 0)]],
    pictures: [
      ['readSquarePicture', () => api.readSquarePicture({ of: 'picture', picture: '7d9566a4e4f06e81' })],
    ],
    'favourites.json': [['setFavourite', () => api.setFavourite(RUNS[0]!, 0, true)]],
    trash: [['deleteTrashed', () => api.listTrash()]],
    comparisons: [['readCodebooks', () => api.readCodebooks({ a: ATLAS, b: 'demo.00000000-codes' })]],
  }
  return [...lists, ...(byKind[kind!] ?? [])]
}

/** The runs beside the one that was changed are all there. */
async function checkedSnapshot(
  api: ReturnType<typeof createEngine>['api'],
  changed: string | undefined,
): Promise<void> {
  const { runs } = await api.snapshot()
  const ids = runs.map(({ id }) => id)
  const missing = RUNS.filter((id) => !ids.includes(id))
  if (missing.length > 0) throw new Error(`lost: ${missing.join(', ')} (changed: ${changed ?? 'no run'})`)
}

function checkedHtml(html: string): void {
  if (html.includes(HOSTILE_HTML)) throw new Error('html: foreign text as markup')
}

function checkedLatex(text: string): void {
  const lines = text.split('\n')
  if (lines.length !== 3 || !lines[0]!.startsWith('%') || !lines[2]!.startsWith('%'))
    throw new Error(`latex: ${lines.length} lines`)
}
