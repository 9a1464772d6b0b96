// npm run bench: speed of the engine with base-size models on this machine, in one table.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from '../../src/engine/model-set/cache.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { FAMILIES, FAMILY_NAMES, type FamilyName } from '../../src/shared/generators/families.ts'
import { openModels, type OpenModels } from '../../src/engine/model-set/open-models.ts'
import { measureAtlas } from './atlas.ts'
import { measureBatch } from './batch.ts'
import { CHILD, childMain, inChild } from './child.ts'
import { FULL, measureDecoding, QUICK } from './decode.ts'
import { measureEvaluation } from './evaluation.ts'
import { measureGenerators } from './generators.ts'
import { measureGpu } from './gpu.ts'
import { wholeImages } from './images.ts'
import { measureIntervals } from './intervals.ts'
import { measureKMeans } from './kmeans.ts'
import { measureMachine, type Machine } from './machine.ts'
import { measurePictures, measureStage2 } from './networks.ts'
import { measureAgreement, measureQuantised } from './quantised.ts'
import { measurePrecision } from './precision.ts'
import { measureStatistics } from './statistics.ts'
import { BASE, SLICE, STAGE1, writeModels } from './synthetic.ts'
import { measureRefit } from './refit.ts'
import { digits, megabytes, rowToText, type Row } from './table.ts'
import { timed } from './timing.ts'

const USAGE = `Usage: npm run bench -- [--quick] [--only SECTION,...] [--json FILE] [--dir FOLDER] [--keep]
  --quick   use few layers and tokens (a smoke test, not a measurement)
  --only    comma-separated sections: import, decode, stage2, pictures, quantised, evaluation, batch, kmeans, gpu,
            atlas, and, if named: statistics (simulations of errors and floors), precision (FD-DINOv2 of 256
            images of the demo in each precision), generators (the smallest published model of each other family,
            one after another: at most 6 GB, removed after each)
  --families  comma-separated families for generators (default: all)
  --dir     folder for the random models (3 GB, in a subfolder named bench); existing ones are reused
  --keep    keep the random models`
const MAX_IMPORT_MS = 2000
const MAX_IMPORT_BYTES = 150e6

interface Context {
  readonly folder: string
  readonly models: OpenModels
  readonly machine: Machine
  readonly quick: boolean
}

const SECTIONS: Readonly<Record<string, (context: Context) => Promise<Row[]>>> = {
  import: measureImport,
  decode: async ({ models, machine, quick }) =>
    measureDecoding(await models.open('stage1'), machine, quick ? QUICK : FULL),
  stage2: ({ models, machine, quick }) => measureStage2(models, plan(machine, quick)),
  pictures: ({ models, machine, quick }) => measurePictures(models, plan(machine, quick)),
  quantised: measureQuantisation,
  evaluation: ({ quick }) => measureEvaluation(quick ? 1 : 3, quick),
  batch: async ({ folder, quick }) => [await measureBatch(dirname(folder), quick)],
  kmeans: async ({ folder, quick }) => [...(await measureKMeans(quick)), await measureRefit(dirname(folder))],
  gpu: ({ models, quick }) => measureGpu(models, quick ? 32 : 256),
  atlas: ({ folder, quick }) => measureAtlas(dirname(folder), quick),
}

interface Named {
  readonly quick: boolean
  /** Folder for what is written and removed again. */
  readonly root: string
  readonly families: readonly FamilyName[]
}

/** Sections without the models of DiGIT; they are left out unless they are named. */
const NAMED: Readonly<Record<string, (named: Named) => AsyncIterable<Row[]>>> = {
  async *statistics({ quick }) {
    yield await measureStatistics(quick ? QUICK_TRIALS : TRIALS)
    yield await measureIntervals(quick)
  },
  async *precision({ quick }) {
    yield await measurePrecision(quick)
  },
  generators: measureGenerators,
}
/** At 95 %, 400 trials give a coverage to about 1 point. */
const TRIALS = 400
const QUICK_TRIALS = 20

const plan = ({ flops }: Machine, quick: boolean) => ({
  rounds: quick ? 1 : 3,
  tokens: quick ? 33 : 256,
  peak: flops,
})

async function measureImport({ folder }: Context): Promise<Row[]> {
  const cold = () => mkdtemp(join(tmpdir(), 'digit-bench-'))
  const rows: Row[] = []
  const works = [
    ['import of stage 1, hash included', 'import', join(folder, STAGE1)],
    ['import of the folder', 'import', folder],
    ['opening stage 1', 'open', join(folder, STAGE1)],
  ] as const
  for (const [name, work, path] of works) {
    const cache = await cold()
    const { ms, before, after, peak } = await inChild(work, path, cache)
    await rm(cache, { recursive: true })
    const aims = [
      { text: `< ${MAX_IMPORT_MS / 1000} s`, holds: ms < MAX_IMPORT_MS },
      { text: `< ${megabytes(MAX_IMPORT_BYTES)}`, holds: peak < MAX_IMPORT_BYTES },
    ]
    rows.push({
      name,
      text: `${digits(ms / 1000)} s; memory ${megabytes(before)} before, ${megabytes(after)} after, at most ${megabytes(peak)}`,
      numbers: { ms, before, after, peak },
      ...(path !== folder && work === 'import' ? { aims } : {}),
    })
  }
  return rows
}

async function measureQuantisation({ models, quick }: Context): Promise<Row[]> {
  const demo = await openModels([demoFolder()])
  try {
    const stage1 = await models.open('stage1')
    return [
      ...(await measureQuantised(stage1, quick ? QUICK : FULL)),
      ...(await measureAgreement('random weights', stage1)),
      ...(await measureAgreement('demo', await demo.open('stage1'))),
    ]
  } finally {
    await demo.close()
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
      json: { type: 'string' },
      dir: { type: 'string' },
      keep: { type: 'boolean', default: false },
      families: { type: 'string', default: FAMILY_NAMES.join(',') },
      help: { type: 'boolean', default: false },
    },
  })
  const { quick, only, json, keep, help, dir = cacheFolder() } = values
  const names = only.split(',')
  const known = { ...SECTIONS, ...NAMED }
  const families = values.families.split(',') as FamilyName[]
  const unknown =
    names.find((name) => !Object.hasOwn(known, name)) ??
    families.find((name) => !Object.hasOwn(FAMILIES, name))
  if (help || unknown !== undefined) {
    console.log(unknown === undefined ? USAGE : `--only: unknown section '${unknown}'\n${USAGE}`)
    process.exitCode = help ? 0 : 2
    return
  }
  const root = join(dir, 'bench')
  const folder = join(root, 'models')
  // The engine's cache is placed with the models.
  process.env.DIGIT_CACHE = join(root, 'cache')
  const report: Record<string, Row[]> = {}
  const show = (section: string, rows: Row[]) => {
    const title = report[section] ? [] : [section]
    report[section] = [...(report[section] ?? []), ...rows]
    console.log([...title, ...rows.map(rowToText)].join('\n'))
  }
  try {
    await rm(process.env.DIGIT_CACHE, { recursive: true, force: true })
    for (const name of names.filter((name) => name in NAMED))
      for await (const rows of NAMED[name]!({ quick, root, families })) show(name, rows)
    const withModels = names.filter((name) => name in SECTIONS)
    if (withModels.length > 0) await measureDigit(withModels)
    if (json !== undefined) await writeFile(json, JSON.stringify(report, null, 1))
  } finally {
    if (!keep) await rm(root, { recursive: true, force: true })
  }

  async function measureDigit(sections: readonly string[]): Promise<void> {
    const { ms } = await timed(() => writeModels(folder, quick ? SLICE : BASE))
    console.log(`random models ${quick ? '(a slice of base size) ' : ''}in ${folder}: ${digits(ms / 1000)} s`)
    const { machine, rows } = await measureMachine()
    show('machine', rows)
    const models = await openModels([folder])
    for (const name of sections) show(name, await SECTIONS[name]!({ folder, models, machine, quick }))
    await models.close()
    const images = wholeImages(Object.values(report).flat())
    if (images.length > 0) show('images', images)
  }
}

await (process.argv[2] === CHILD ? childMain(process.argv.slice(3)) : main())
