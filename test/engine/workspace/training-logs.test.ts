// Logs beside checkpoints and logs handed over: found, kept, read with their tags; and how far a checkpoint was trained.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeTorchFile } from '../../../scripts/bench/torch-file.ts'
import { openCheckpoint } from '../../../src/engine/checkpoint/index.ts'
import {
  findLogs,
  keepLog,
  readFoundLog,
  removeKeptLog,
} from '../../../src/engine/workspace/training-logs.ts'
import { trainingProgress } from '../../../src/engine/model-set/training-progress.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { eventFile } from '../logs/event-bytes.ts'

const folder = temporaryFolder()
const LINE = '[x][train_inner][INFO] - {"epoch": 1, "update": 0.5, "loss": "8.2", "num_updates": "100"}\n'
const loss = (step: number) => eventFile([{ step, values: [['loss', step / 10]] }])

test('the logs of an experiment are train.log and its TensorBoard folders; a resumed run is one curve', async () => {
  const experiment = join(folder.path, 'outputs', 'small')
  for (const name of ['checkpoints', 'tb/train', 'tb/valid'])
    mkdirSync(join(experiment, name), { recursive: true })
  writeFileSync(join(experiment, 'train.log'), LINE)
  writeFileSync(join(experiment, 'tb/train/events.out.tfevents.1.host'), loss(10))
  writeFileSync(join(experiment, 'tb/train/events.out.tfevents.2.host'), loss(20))
  writeFileSync(join(experiment, 'tb/valid/events.out.tfevents.1.host'), loss(15))
  const workspace = join(folder.path, 'workspace')
  const checkpoints = ['checkpoint1.pt', 'checkpoint_last.pt'].map((name) =>
    join(experiment, 'checkpoints', name),
  )
  const found = await findLogs(workspace, [...checkpoints, join(folder.path, 'elsewhere/model.pt')])
  expect(found.map(({ name, found }) => [name, found])).toEqual([
    ['small/train.log', true],
    ['small/tb', true],
  ])
  const { series } = await readFoundLog(found[1]!)
  expect(series.map(({ tag, steps, values }) => [tag, [...steps], [...values]])).toEqual([
    ['train/loss', [10, 20], [1, 2]],
    ['valid/loss', [15], [1.5]],
  ])
})

test('an uploaded log is kept under its file name without the path, and refused if it is not a log', async () => {
  const workspace = join(folder.path, 'kept')
  const log = await keepLog(workspace, '../../train.log', new TextEncoder().encode(LINE))
  expect(log.name).toBe('train.log')
  const [found] = await findLogs(workspace, [])
  expect(found).toMatchObject({ id: log.id, name: 'train.log', found: false })
  expect((await readFoundLog(found!)).series.map(({ tag }) => tag)).toEqual(['loss'])
  await keepLog(workspace, 'renamed', loss(10))
  expect(await findLogs(workspace, [])).toHaveLength(2)
  await expect(keepLog(workspace, 'notes.txt', new TextEncoder().encode('hello'))).rejects.toThrow(
    'notes.txt: not a TensorBoard event file or a fairseq train.log with log_format: json (found a text',
  )
  await removeKeptLog(workspace, log.id)
  expect((await findLogs(workspace, [])).map(({ name }) => name)).toEqual(['renamed'])
})

test.each([
  // At the end of an epoch fairseq saves the number of the next.
  [
    { epoch: 11, iterations_in_epoch: 0 },
    { epoch: 10, updates: 5000 },
  ],
  [
    { epoch: 11, iterations_in_epoch: 7 },
    { epoch: 11, updates: 5000 },
  ],
])('the epoch and updates of a checkpoint with %j are found', async (iterator, progress) => {
  const path = join(folder.path, `${iterator.iterations_in_epoch}.pt`)
  await writeTorchFile(path, {
    extra_state: { train_iterator: { version: 2, ...iterator } },
    optimizer_history: { num_updates: 5000 },
  })
  const weights = await openCheckpoint(path)
  const { epoch } = trainingProgress(weights)
  expect(epoch).toBe(progress.epoch)
  await weights.close()
  const history = new Map([['optimizer_history', [new Map([['num_updates', 5000]])]]])
  expect(trainingProgress({ ...weights, data: history }).updates).toBe(progress.updates)
})
