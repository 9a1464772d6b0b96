// The self-test on the processor; decoding/webgpu.ts has the comparison that it makes of the devices.
import { expect, it, onTestFinished, vi } from 'vitest'
import { demoFolder } from '../../../../src/engine/model-set/resources.ts'
import { runSelfTest } from '../../../../src/engine/runs/self-test/self-test.ts'
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
  // By a clock four times as fast: a measurement takes 1.5 s of it.
  const now = performance.now.bind(performance)
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 4 * now())
  onTestFinished(() => clock.mockRestore())
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
