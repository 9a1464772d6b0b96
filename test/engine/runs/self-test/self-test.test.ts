// The self-test on the processor whole, and on a GPU in software the comparison that it makes of the devices.
import { expect, it } from 'vitest'
import { EOS } from '../../../../src/engine/models/transformer-config.ts'
import { openChunkDecoder } from '../../../../src/engine/decoding/autoregressive.ts'
import { demoFolder } from '../../../../src/engine/model-set/resources.ts'
import { openModels } from '../../../../src/engine/model-set/open-models.ts'
import { make, parityOf } from '../../../../src/engine/runs/self-test/parity.ts'
import { runSelfTest } from '../../../../src/engine/runs/self-test/self-test.ts'
import { openDeviceDecoder } from '../../../../src/engine/decoding/device-decoder.ts'
import type { DeviceSurvey } from '../../../../src/shared/models/self-test.ts'

const PROCESSOR: DeviceSurvey = {
  devices: [
    { device: 'cuda', note: 'not here' },
    { device: 'cpu', milliseconds: 1, note: '' },
  ],
  chosen: 'cpu',
  reason: 'cpu',
}
const { signal } = new AbortController()

it('measures every stage with one and four images, and the sampling against float64', async () => {
  const notes: string[] = []
  const report = await runSelfTest({ model: demoFolder() }, PROCESSOR, {
    signal,
    progress: (step, of, note) => void notes.push(`${step}/${of} ${note}`),
  })
  expect(report.devices.map(({ device }) => device)).toEqual(['cpu'])
  const { problem, stage1, stage2, pixels, parity1 } = report.devices[0]!
  expect([problem, parity1]).toEqual([undefined, undefined])
  for (const rates of [stage1!, stage2!, pixels!]) {
    expect(rates[0]!.batch).toBe(1)
    for (const { perSecond } of rates) expect(perSecond).toBeGreaterThan(0)
  }
  // Draws are the same; log-probabilities differ by float32 sums over the dictionary.
  expect(report.reference).toMatchObject({ equal: 32, of: 32 })
  expect(report.reference!.difference).toBeLessThan(1e-4)
  expect(report.models.map(({ role }) => role)).toContain('stage2Ar')
  expect(notes).toEqual([
    '0/1 scanning models',
    '0/4 stage 1 on cpu',
    '1/4 stage 2 on cpu',
    '2/4 decoder on cpu',
    '3/4 CPU against float64',
  ])
})

it.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'compares a GPU with the processor, and detects a difference',
  async () => {
    const models = await openModels([demoFolder()])
    const model = await models.open('stage1')
    const sequence = { prefix: [EOS], seed: 1, image: 0, use: 'stage1' } as const
    const cpu = await openChunkDecoder(model, { provider: 'cpu' })
    const processor = await make(model, cpu, sequence, signal)
    const gpu = await openDeviceDecoder(model, { provider: 'webgpu' })
    const there = await make(model, gpu, sequence, signal, processor.tokens)
    const parity = parityOf(there, processor)
    // float32 on both, sums in another order.
    expect(parity).toMatchObject({ equal: 8, of: 8 })
    expect(parity.difference).toBeGreaterThan(0)
    expect(parity.difference).toBeLessThan(1e-3)
    console.log(`logits on WebGPU: at most ${parity.difference.toExponential(1)} of ${parity.largest}`)

    const wrong = { tokens: Int32Array.of(...there.tokens), logits: Float32Array.from(there.logits) }
    wrong.tokens[3] = wrong.tokens[3] === 0 ? 1 : 0
    wrong.logits[5]! += 2
    expect(parityOf(wrong, processor)).toMatchObject({ equal: 3, of: 8 })
    expect(parityOf(wrong, processor).difference).toBeGreaterThan(1.9)
    for (const opened of [cpu, gpu, models]) await opened.close()
  },
)
