// A model file that is there and cannot be read: whatever needs it names the file and the cause, and nothing else takes
// its place.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleSpec } from '../../../src/cli/commands/sample.ts'
import { openModels } from '../../../src/engine/model-set/open-models.ts'
import { runSample } from '../../../src/engine/runs/sample.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { OFFICIAL } from '../models/run-graph.ts'

const folder = temporaryFolder()
const checkpoint = (name: string) => join(OFFICIAL, `outputs/${name}/checkpoints/checkpoint_last.pt`)
const STAGE1 = readFileSync(checkpoint('tiny_stage1'))
const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')
const NOT_READ = 'not a PyTorch, safetensors or NumPy file'

const CAUSES: readonly (readonly [string, Uint8Array, string])[] = [
  ['cut', STAGE1.subarray(0, (2 * STAGE1.length) / 3), 'truncated zip archive'],
  ['pointer', POINTER, `${NOT_READ} (found a Git LFS pointer`],
  ['page', Buffer.from('<!DOCTYPE html><html></html>'), `${NOT_READ} (found an HTML page`],
  ['zeros', new Uint8Array(4096), `${NOT_READ} (found zeros`],
  ['empty', new Uint8Array(), 'file is empty'],
]

describe.each(CAUSES)('stage 1 that is damaged: %s', (name, bytes, cause) => {
  it('is named with the cause, also where a plain model over VQGAN codes could sample', async () => {
    const path = folder.write(`${name}/s1.pt`, bytes)
    folder.copy(`${name}/vq.pt`, checkpoint('tiny_vq'))
    const models = await openModels([join(folder.path, name)])
    const named = `${path} cannot be used: ${cause}`
    expect(models.modelSet.damaged?.stage1).toContain(named)
    await expect(models.open('stage1')).rejects.toThrow(`no stage 1 in ${join(folder.path, name)}: ${named}`)
    expect(() => models.has('stage1')).toThrow(`stage 1: ${named}`)
    expect(models.has('vqAr')).toBe(true)
    await models.close()
  })
})

it('sampling does not use the plain model in place of a damaged stage 1, unless it is chosen', async () => {
  folder.copy('cut/vqgan.ckpt', join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
  const spec = await sampleSpec({
    ...FLAGS,
    model: join(folder.path, 'cut'),
    out: join(folder.path, 'out'),
    stage2: 'ar',
  })
  const callbacks = { progress() {}, signal: new AbortController().signal }
  await expect(runSample(spec, callbacks)).rejects.toThrow(/s1\.pt cannot be used: truncated/)
  const chosen = { ...spec, choose: { vqAr: join(folder.path, 'cut/vq.pt') } }
  expect(await runSample(chosen, callbacks)).toMatchObject({ finished: 1 })
})

it('files of other programs with a common ending are not taken for damaged models', async () => {
  folder.copy('other/vq.pt', checkpoint('tiny_vq'))
  folder.write('other/statistics.pkl', Buffer.from('\x80\x04}.', 'latin1'))
  folder.write('other/weights.bin', Buffer.from('0102030405060708', 'hex'))
  const other = join(folder.path, 'other')
  const whole = await openModels([other])
  expect([whole.modelSet.damaged, whole.has('stage1')]).toEqual([{}, false])
  await whole.close()
  const lost = folder.write('other/lost.bin', POINTER)
  const models = await openModels([other])
  expect(models.modelSet.damaged?.stage1).toContain(`${lost} cannot be used`)
  await models.close()
})

it('a damaged stage 2 AR is not silently replaced by NAR, unless NAR is requested', async () => {
  const model = join(folder.path, 'nar')
  const path = folder.write('nar/ar.pt', STAGE1.subarray(0, 5000))
  folder.copy('nar/s1.pt', checkpoint('tiny_stage1'))
  folder.copy('nar/nar.pt', checkpoint('tiny_stage2_nar'))
  await expect(sampleSpec({ ...FLAGS, model })).rejects.toThrow(
    `stage 2 AR: ${path} cannot be used: truncated zip archive`,
  )
  expect(await sampleSpec({ ...FLAGS, model, stage2: 'nar' })).toMatchObject({ stage2: 'nar' })
})

it('a VQGAN yaml that cannot be read is not replaced by sizes inferred from the tensors', async () => {
  folder.copy('yaml/vqgan.ckpt', join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
  const path = folder.write('yaml/vqgan.yaml', POINTER)
  const models = await openModels([join(folder.path, 'yaml')])
  await expect(models.open('vqgan')).rejects.toThrow(`VQGAN yaml: ${path} cannot be used: not a text file`)
  await models.close()
})

it('a VQGAN yaml in UTF-16 is read', async () => {
  const yaml = readFileSync(join(OFFICIAL, 'config/vqgan/vqgan.yaml'), 'utf8')
  folder.copy('utf16/vqgan.ckpt', join(OFFICIAL, 'models/vqgan_jax_strongaug.ckpt'))
  folder.write('utf16/vqgan.yaml', Buffer.from(`\ufeff${yaml}`, 'utf16le'))
  const models = await openModels([join(folder.path, 'utf16')])
  expect((await models.open('vqgan')).yaml).toBe(yaml)
  await models.close()
})

const FLAGS = {
  device: 'cpu',
  batchSize: 1,
  precision: 'fp32',
  seed: 0,
  count: 1,
  numShards: 1,
  shardId: 0,
  temperature: 1,
  stage2Temperature: 1,
  steps: 2,
  choiceTemperature: 4.5,
} as const
