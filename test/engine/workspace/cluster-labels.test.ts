// Labels of clusters: where they lie, that nobody's edit is lost without a word, and that files come back as they were.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import {
  changeClusterLabels,
  labelPlace,
  readClusterLabels,
} from '../../../src/engine/workspace/cluster-labels.ts'
import { demoFolder } from '../../../src/engine/model-set/resources.ts'
import { labelsToCsv, textToLabels } from '../../../src/shared/atlas/cluster-labels.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')
const CODEBOOK = { sha256: sha256Of('x'), entries: 64 }
/** Of the codebook `x`: its digest begins with this. */
const SHA8 = CODEBOOK.sha256.slice(0, 8)
const codebookAt = (name: string, content = 'x') => ({
  path: folder.write(`${name}/km_8k.npy`, content),
  ...CODEBOOK,
  sha256: sha256Of(content),
})
const edit = (entry: number, label: string, seen?: string) => ({ entry, label, note: '', tags: [], seen })

it('labels are stored next to the codebook as JSON and CSV, and are found after it is renamed', async () => {
  const codebook = codebookAt('own')
  const place = await labelPlace(codebook, workspace)
  expect(place).toEqual({ path: join(folder.path, `own/km_8k.${SHA8}.clusters.json`), beside: true })
  expect(await readClusterLabels(place)).toEqual([])
  const label = { entry: 17, label: 'sky, "blue"', note: 'two\nlines', tags: ['sky', 'far away'] }
  const [saved] = await changeClusterLabels(place, codebook, [label])
  expect(saved).toMatchObject(label)
  expect(textToLabels('x.csv', readFileSync(place.path.replace('.json', '.csv'), 'utf8'), 64)).toMatchObject([
    label,
  ])
  expect(textToLabels('x.json', readFileSync(place.path, 'utf8'), 64)).toMatchObject([label])
  renameSync(codebook.path, join(folder.path, 'own/renamed.npy'))
  const again = await labelPlace({ ...codebook, path: join(folder.path, 'own/renamed.npy') }, workspace)
  expect(await readClusterLabels(again)).toEqual([saved])
  expect(readdirSync(join(folder.path, 'own')).sort()).toEqual([
    `km_8k.${SHA8}.clusters.csv`,
    `km_8k.${SHA8}.clusters.json`,
    'renamed.npy',
  ])
})

it('labels of the demo and of a missing codebook are stored in the workspace', async () => {
  const demo = { path: join(demoFolder(), 'data/km.npy'), ...CODEBOOK, sha256: '01'.repeat(32) }
  const before = readdirSync(demoFolder(), { recursive: true })
  const place = await labelPlace(demo, workspace)
  expect(place).toMatchObject({
    path: join(workspace, 'labels/km.01010101.clusters.json'),
    beside: false,
    why: 'the demo is part of the program',
  })
  await changeClusterLabels(place, demo, [edit(1, 'one')])
  expect(readdirSync(demoFolder(), { recursive: true })).toEqual(before)
  expect(await readClusterLabels(await labelPlace(demo, workspace))).toMatchObject([{ label: 'one' }])
  const gone = await labelPlace({ ...CODEBOOK, path: join(folder.path, 'gone/km.npy') }, workspace)
  expect(gone.why).toBe("the codebook's folder no longer exists")
})

it('an atlas that names a codebook elsewhere writes nothing there', async () => {
  const codebook = { sha256: sha256Of('nowhere'), entries: 64 }
  const elsewhere = folder.write('elsewhere/id_rsa', 'secret')
  for (const path of [elsewhere, join(folder.path, 'elsewhere', 'none.npy')]) {
    const place = await labelPlace({ ...codebook, path }, workspace)
    expect(place).toMatchObject({ beside: false, why: 'the codebook was moved or changed' })
    const seen = (await readClusterLabels(place))[0]?.changed
    await changeClusterLabels(place, codebook, [edit(2, 'x', seen)])
  }
  expect(readdirSync(join(folder.path, 'elsewhere'))).toEqual(['id_rsa'])
})

it('labels are no formulas for a spreadsheet, and are read back unchanged', () => {
  const texts = ['=1+1', '+1', '-1', '@x', "'=1", "'quoted'", 'a=b']
  const changed = '2026-11-29T10:00:00.000Z'
  const labels = texts.map((label, entry) => ({ entry, label, note: label, tags: [], changed }))
  const csv = labelsToCsv(labels)
  const cells = csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(',')[1])
  expect(cells).toEqual(["'=1+1", "'+1", "'-1", "'@x", "''=1", "'quoted'", 'a=b'])
  expect(textToLabels('x.csv', csv, 64).map(({ label }) => label)).toEqual(texts)
})

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'labels in a read-only folder are copied to the workspace by the first edit',
  async () => {
    const codebook = codebookAt('shared', 'another')
    const beside = await labelPlace(codebook, workspace)
    await changeClusterLabels(beside, codebook, [edit(3, 'theirs')])
    chmodSync(join(folder.path, 'shared'), 0o555)
    const place = await labelPlace(codebook, workspace)
    expect(place).toMatchObject({ beside: false, why: "the codebook's folder is not writable" })
    await changeClusterLabels(place, codebook, [edit(4, 'mine')])
    expect((await readClusterLabels(place)).map(({ label }) => label)).toEqual(['theirs', 'mine'])
    expect(await readClusterLabels(beside)).toHaveLength(1)
    chmodSync(join(folder.path, 'shared'), 0o755)
  },
)

it('an edit of a label that someone else has changed is refused; edits of other clusters are kept', async () => {
  const codebook = codebookAt('both')
  const place = await labelPlace(codebook, workspace)
  const [mine] = await changeClusterLabels(place, codebook, [edit(5, 'mine')])
  await changeClusterLabels(place, codebook, [edit(6, 'theirs')])
  const [theirs] = await changeClusterLabels(place, codebook, [edit(5, 'changed', mine!.changed)])
  expect(theirs!.changed > mine!.changed).toBe(true)
  await expect(
    changeClusterLabels(place, codebook, [edit(7, 'x'), edit(5, 'late', mine!.changed)]),
  ).rejects.toThrow("cluster 5 was changed elsewhere; its label is now 'changed'")
  await changeClusterLabels(place, codebook, [edit(5, '', theirs!.changed)])
  await expect(changeClusterLabels(place, codebook, [edit(5, 'late', theirs!.changed)])).rejects.toThrow(
    'was removed elsewhere',
  )
  expect((await readClusterLabels(place)).map(({ entry }) => entry)).toEqual([6])
  await expect(changeClusterLabels(place, codebook, [edit(64, 'x')])).rejects.toThrow('has 0 to 63')
})

it('two processes that edit at the same time lose no edit', async () => {
  const codebook = codebookAt('processes')
  const place = await labelPlace(codebook, workspace)
  const entry = 'src/engine/workspace/cluster-labels.ts'
  execFileSync(process.execPath, ['scripts/run.mjs', '--build-only', entry])
  const script = (from: number) => `
    import { changeClusterLabels } from ${JSON.stringify(pathToFileURL(resolve('out', entry.replace('.ts', '.js'))).href)}
    for (let entry = ${from}; entry < ${from + 10}; entry++)
      await changeClusterLabels(${JSON.stringify(place)}, ${JSON.stringify(CODEBOOK)}, [{ entry, label: 'l', note: '', tags: [] }])`
  const codes = await Promise.all(
    [0, 20].map(
      (from) =>
        new Promise((resolve) =>
          spawn(process.execPath, ['--input-type=module', '-e', script(from)], { stdio: 'inherit' }).on(
            'exit',
            resolve,
          ),
        ),
    ),
  )
  expect(codes).toEqual([0, 0])
  expect(await readClusterLabels(place)).toHaveLength(20)
  expect(existsSync(`${place.path}.lock`)).toBe(false)
})

it('an invalid file is reported and left unchanged', async () => {
  const codebook = codebookAt('broken')
  const place = await labelPlace(codebook, workspace)
  mkdirSync(join(folder.path, 'broken'), { recursive: true })
  writeFileSync(place.path, '{ "schema": 1, "codebook": "x", "labels": [{ "entry": "a" }] }')
  await expect(changeClusterLabels(place, codebook, [edit(1, 'x')])).rejects.toThrow(
    new RegExp(`^km_8k\\.${SHA8}\\.clusters\\.json: labels\\.0\\.entry`),
  )
  expect(readFileSync(place.path, 'utf8')).toContain('"a"')
})

it.each([
  ['cluster,name\n1,a', 'unexpected columns (found cluster, name, expected at least cluster and label)'],
  ['cluster,label\n1,a\n1,b', 'cluster 1: listed twice'],
  ['cluster,label\n99,a', 'cluster 99: out of range (the codebook has 0 to 63)'],
  ['cluster,label\nx,a', 'row 2: entry'],
  ['cluster,label\n', 'contains no labels'],
  ['{"labels": 7}', 'labels: '],
  ['{', 'JSON'],
])('%j is not a file of labels', (text, problem) => {
  expect(() => textToLabels('x', text, 64)).toThrow(problem)
})

it('a CSV written by a spreadsheet is read, with columns in any order', () => {
  const text = '\ufeffLabel,extra,Cluster,Tags\r\n"a, ""b""",?,7,x; y\r\n,,,\r\n'
  expect(textToLabels('x', text, 64)).toEqual([{ entry: 7, label: 'a, "b"', note: '', tags: ['x', 'y'] }])
  const labels = [{ entry: 1, label: '', note: '"', tags: [], changed: '' }]
  expect(textToLabels('x', labelsToCsv(labels), 64)).toEqual([{ entry: 1, label: '', note: '"', tags: [] }])
})
