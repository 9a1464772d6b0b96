// Models of the workbench: opened beside each other, chosen, closed, undone, copied in, and there the next time.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { OpenedModels } from '../../../../src/shared/models/models.ts'
import { createEngine, demoFolder, type Engine } from '../../../../src/engine/api/index.ts'
import { DEMO_CODEBOOK } from '../../../demo.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const temporary = temporaryFolder()
const demo = demoFolder()
const codebook = join(demo, DEMO_CODEBOOK)
let turn = 0
let workspace: string
beforeEach(() => {
  workspace = join(temporary.path, String(++turn))
})

async function start(models: readonly string[] = [demo]): Promise<Engine> {
  const engine = createEngine({ workspace, models })
  await vi.waitFor(async () => expect((await engine.api.snapshot()).modelSet).toBeDefined(), 60_000)
  return engine
}
const opened = async ({ api }: Engine): Promise<OpenedModels> => (await api.snapshot()).opened
const openNames = async (engine: Engine) =>
  (await opened(engine)).sources.filter(({ open }) => open).map(({ name }) => name)
/** A codebook as large as the demo's, with other values. */
function otherCodebook(): string {
  const bytes = readFileSync(codebook)
  bytes[bytes.length - 1]! ^= 1
  const path = join(workspace, '..', `other-${turn}.npy`)
  mkdirSync(workspace, { recursive: true })
  writeFileSync(path, bytes)
  return path
}

describe('opening', () => {
  it('a codebook is opened next to the demo and selected, and stays so in the next session', async () => {
    const engine = await start()
    const { api } = engine
    const other = otherCodebook()
    const before = (await api.snapshot()).modelSet!.set.codebook
    await api.addModels([other])
    expect(await openNames(engine)).toEqual(['Demo', basename(other)])
    const { candidates, undo } = await opened(engine)
    expect(candidates.codebook).toHaveLength(2)
    expect(undo).toBe(`Opened ${basename(other)}. Previously opened models stay open.`)

    const { notes } = (await api.snapshot()).modelSet!
    expect(notes).toContain(`codebook: ${DEMO_CODEBOOK} (selected over ${basename(other)})`)
    const chosen = candidates.codebook!.find((id) => id !== before)!
    await api.chooseModel('codebook', chosen)
    expect((await opened(engine)).choice).toEqual({ codebook: chosen })
    expect((await api.snapshot()).modelSet!.set.codebook).toBe(chosen)

    const next = await start()
    expect(await openNames(next)).toEqual(['Demo', basename(other)])
    expect((await next.api.snapshot()).modelSet!.set.codebook).toBe(chosen)
    await api.chooseModel('codebook', null)
    expect((await opened(engine)).choice).toEqual({})
    await api.chooseModel('codebook', chosen)
    // Without its file the choice is given up, and the rest is there.
    rmSync(other)
    const third = (await (await start()).api.snapshot()).modelSet!
    expect(third.set.codebook).toBe(before)
    expect(third.notes).toContain(`${basename(other)}: no longer exists`)

    // A host that asks for something else gets that.
    expect(await openNames(await start([codebook]))).toEqual([basename(codebook)])
  })

  it('a folder without models is refused and changes nothing', async () => {
    const engine = await start()
    const empty = join(temporary.path, 'photographs')
    mkdirSync(empty, { recursive: true })
    const why = 'photographs: no models found (expected checkpoints, a codebook or a VQGAN)'
    await expect(engine.api.addModels([empty])).rejects.toThrow(why)
    writeFileSync(join(empty, 'notes.md'), '# none')
    await expect(engine.api.addModels([empty])).rejects.toThrow(why)
    expect(await openNames(engine)).toEqual(['Demo'])
    // A damaged one is opened, and says on its page what is wrong with it.
    writeFileSync(join(empty, 'half.pt'), 'PK')
    await engine.api.addModels([empty])
    const { files } = (await engine.api.snapshot()).modelSet!
    expect(files.find(({ path }) => path.endsWith('half.pt'))).toMatchObject({ kind: 'unknown' })
  })

  it('undo restores what was open', async () => {
    const engine = await start()
    await engine.api.addModels([codebook])
    await engine.api.undoOpening()
    expect(await openNames(engine)).toEqual(['Demo'])
    await expect(engine.api.undoOpening()).rejects.toThrow('nothing to undo')
  })

  it('the demo is closed for models that can sample, and can be reopened', async () => {
    const engine = await start()
    const mine = join(temporary.path, `DiGIT-${turn}`)
    cpSync(join(demo, 'outputs'), mine, { recursive: true })
    await engine.api.addModels([mine])
    expect(await openNames(engine)).toEqual([`DiGIT-${turn}`])
    const { sources, undo } = await opened(engine)
    expect(undo).toContain('The demo was closed.')
    await engine.api.useSource(sources[0]!.id, true)
    expect(await openNames(engine)).toEqual(['Demo', `DiGIT-${turn}`])
    await engine.api.useSource(sources[1]!.id, false)
    expect(await openNames(engine)).toEqual(['Demo'])
    expect((await opened(engine)).undo).toBe(`Closed DiGIT-${turn}.`)
  })

  it('an impossible choice is refused and changes nothing', async () => {
    const engine = await start()
    const { modelSet } = await engine.api.snapshot()
    const { vqgan, codebook } = modelSet!.set
    await expect(engine.api.chooseModel('codebook', vqgan!)).rejects.toThrow('cannot be used as codebook')
    await expect(engine.api.chooseModel('codebook', 'nothing')).rejects.toThrow("file 'nothing' not found")
    expect((await opened(engine)).choice).toEqual({})
    expect((await engine.api.snapshot()).modelSet!.set.codebook).toBe(codebook)
  })

  it('when two windows choose files for different roles at once, both choices are kept', async () => {
    const engine = await start()
    const { codebook, vqgan } = (await engine.api.snapshot()).modelSet!.set
    await Promise.all([
      engine.api.chooseModel('codebook', codebook!),
      engine.api.chooseModel('vqgan', vqgan!),
    ])
    expect((await opened(engine)).choice).toEqual({ codebook, vqgan })
  })

  it('a run uses models from several open folders', async () => {
    const engine = await start()
    await engine.api.addModels([codebook])
    const id = await engine.api.startSample({
      device: 'cpu',
      batchSize: 1,
      weightBits: 32,
      stage2: 'nar',
      stage1Sampling: { temperature: 1, topK: 10, topP: 0 },
      stage2Sampling: { temperature: 1, topK: 0, topP: 0 },
      masked: { steps: 1, choiceTemperature: 4.5 },
      seed: 0,
      count: 1,
      classes: [],
    })
    await vi.waitFor(async () => {
      const run = (await engine.api.snapshot()).runs.find((run) => run.id === id)!
      expect(run.status).toMatchObject({ state: 'done' })
    }, 60_000)
  })
})

it('uploaded files are opened, and only copies can be deleted', async () => {
  const engine = await start()
  const { api } = engine
  const bytes = Uint8Array.from(readFileSync(codebook))
  const { copy } = await api.startCopy(
    [{ path: ['mine', 'km.npy'], bytes: bytes.length, modified: 1 }],
    'models',
  )
  await api.copyPiece(copy, 0, 0, bytes)
  await api.finishCopy(copy)
  const { sources } = await opened(engine)
  expect(sources.map(({ name, kind, open }) => [name, kind, open])).toEqual([
    ['Demo', 'demo', true],
    ['mine', 'copy', true],
  ])
  const told = JSON.stringify((await api.snapshot()).modelSet)
  // A codebook of the same content is no choice, so there is a note about another.
  expect(told).not.toContain(workspace.slice(1))
  await expect(api.removeSource(sources[0]!.id)).rejects.toThrow('only copies')
  await api.useSource(sources[1]!.id, false)
  expect((await opened(engine)).sources[1]).toMatchObject({ open: false, bytes: bytes.length })
  await api.removeSource(sources[1]!.id)
  expect((await opened(engine)).sources).toHaveLength(1)
})

it('the contents of a file are read by its id, without its folder', async () => {
  const { api } = await start()
  const { modelSet } = await api.snapshot()
  const contents = await api.readContents(modelSet!.set.vqgan!)
  expect([contents.path, modelSet!.files.find(({ id }) => id === modelSet!.set.vqgan)!.path]).toEqual([
    'vqgan_demo.ckpt',
    'models/vqgan_demo.ckpt',
  ])
  expect(contents.tensors.map(({ name }) => name).join()).toContain('quantize.embedding.weight')
  for (const { shape, bytes } of contents.tensors.filter(({ dtype }) => dtype === 'f16'))
    expect(bytes).toBe(2 * shape.reduce((product, size) => product * size, 1))
  const yaml = await api.readContents(modelSet!.set.vqganConfig!)
  expect([yaml.format, yaml.tensors]).toEqual(['text', []])
  expect(yaml.data).toContain('ddconfig')
})
