// What the studio asks of an engine that keeps its networks: pinned tokens, the truth of a cell, one run after another.
import { beforeAll, expect, it } from 'vitest'
import { createEngine, demoFolder, type Engine } from '../../../src/engine/api/index.ts'
import type { SampleRequest } from '../../../src/shared/run/run.ts'
import type { WorkspaceRun } from '../../../src/shared/run/listed-run.ts'
import { logitsToKept } from '../../../src/shared/run/sampler.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { QUICK } from '../../quick-request.ts'

let engine: Engine
let first: WorkspaceRun
const ended = new Map<string, WorkspaceRun>()

/** Asks for a run; `until` it has ended, or something else. */
async function run(request: SampleRequest, until = (id: string) => ended.has(id)): Promise<string> {
  const id = await engine.api.startSample(request)
  while (!until(id)) await new Promise((resolve) => setTimeout(resolve, 5))
  return id
}

beforeAll(async () => {
  engine = createEngine({ workspace: temporaryFolder().path, models: [demoFolder()], keepsNetworks: true })
  engine.on('runChanged', (run) => {
    if (['done', 'failed', 'cancelled'].includes(run.status.state)) ended.set(run.id, run)
  })
  await new Promise<void>((resolve) => void engine.on('modelSetChanged', () => resolve()))
  first = ended.get(await run({ ...QUICK, count: 2 }))!
})

it('tokens of a finished image are pinned in another run, and recorded as pinned', async () => {
  expect(first.status.state).toBe('done')
  const { discriminative } = await engine.api.readRecord(first.id, 1)
  const tokens = Array.from(discriminative!.tokens, (token, cell) => (cell < 128 ? token : -1))
  const from = { run: first.id, image: 1 }
  const id = await run({ ...QUICK, count: 1, seed: 9, pinned: [{ discriminative: tokens }], from })
  expect(ended.get(id)?.status).toMatchObject({ state: 'done' })
  const again = await engine.api.readRecord(id, 0)
  expect(again.discriminative!.tokens.slice(0, 128)).toEqual(discriminative!.tokens.slice(0, 128))
  expect(again.discriminative!.tokens.slice(128)).not.toEqual(discriminative!.tokens.slice(128))
  expect(Array.from(again.discriminative!.pinned!)).toEqual(tokens.map((token) => (token < 0 ? 0 : 1)))
  expect(again.codes.pinned).toBeUndefined()
})

it('the logits of a cell are read while a run is in progress', async () => {
  let previewed = ''
  engine.on('preview', ({ run }) => (previewed = run))
  const id = await run({ ...QUICK, count: 64 }, (id) => previewed === id)
  for (const grid of ['discriminative', 'codes'] as const) {
    const { logits, specials, specialsInSoftmax } = await engine.api.readLogits(first.id, 0, grid, 77)
    expect(ended.has(id)).toBe(false)
    const record = (await engine.api.readRecord(first.id, 0))[grid]!
    if (!specialsInSoftmax) logits.fill(-Infinity, 0, specials)
    const { tokens, probabilities, entropy } = logitsToKept(logits, { temperature: 1, topK: 0, topP: 0 })
    expect(entropy).toBeCloseTo(record.entropies![77]!, 3)
    const probability = probabilities[tokens.indexOf(record.tokens[77]!)]!
    expect(Math.log(probability)).toBeCloseTo(record.logProbabilities![77]!, 3)
  }
  await engine.api.cancelRun(id)
})

it('a run requested right after a cancel uses the open networks', async () => {
  const id = await run({ ...QUICK, count: 1 })
  expect(ended.get(id)?.status).toMatchObject({ state: 'done' })
  const [a, b] = await Promise.all([engine.api.readRecord(id, 0), engine.api.readRecord(first.id, 0)])
  expect(a.codes).toEqual(b.codes)
})

it('a failed call has a reason without a path', async () => {
  await expect(engine.api.readLogits(first.id, 7, 'codes', 0)).rejects.toThrow(
    `run '${first.id}': image 7 not found`,
  )
  const failing = await run({ ...QUICK, pinned: [{ codes: new Array<number>(256).fill(60_000) }] })
  const { status } = ended.get(failing)!
  expect(status).toMatchObject({ state: 'failed' })
  expect(JSON.stringify(status)).toMatch(/pinned\[0\]\.codes: token out of range \(found 60000 at cell 0/)
  expect(JSON.stringify(status)).not.toMatch(/resources/)
})
