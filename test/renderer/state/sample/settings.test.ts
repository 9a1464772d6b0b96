// The settings of the Sample page: published values, dependent values, invalid values, round trip.
import { beforeEach, describe, expect, it, vi } from 'vitest'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { change, problemsOf, publishedDefaults, requestOf, settingProblems, settings, settingsOf } =
  await import('../../../../src/renderer/state/sample/settings.ts')
const { modelSet } = await import('../../../../src/renderer/state/models/models-in-use.ts')
const { SampleRequestSchema } = await import('../../../../src/shared/run/run.ts')

beforeEach(() => {
  settings.value = publishedDefaults(false, 'ar')
})

describe('settings', () => {
  it('a model that cannot be used is named, and the plain model is not offered in its place', () => {
    const damaged = { stage1: 's1.pt cannot be used: truncated', stage2Ar: 'ar.pt cannot be used: zeros' }
    modelSet.value = {
      files: [],
      set: { vqAr: 'vq', stage2Nar: 'nar' },
      generators: [],
      damaged,
      notes: [],
      assumed: [],
      classNames: [],
    }
    expect(settingProblems.value).toMatchObject({ conditional: damaged.stage1, stage2: damaged.stage2Ar })
    const others = { files: [], generators: [], notes: [], assumed: [], classNames: [] }
    modelSet.value = { ...others, set: { vqAr: 'vq', vqgan: 'v' } }
    expect(settingProblems.value).toEqual({})
  })

  it('without a VQGAN that can be used, the page says so before a run starts', () => {
    const others = { files: [], generators: [], notes: [], assumed: [], classNames: [] }
    const damaged = { vqgan: 'v.ckpt cannot be used: truncated' }
    modelSet.value = { ...others, set: { vqAr: 'vq' }, damaged }
    expect(settingProblems.value).toEqual({ conditional: damaged.vqgan })
    modelSet.value = { ...others, set: { stage1: 's', stage2Ar: 'ar' }, damaged }
    expect(settingProblems.value).toEqual({ stage2: damaged.vqgan })
    modelSet.value = { ...others, set: { stage1: 's', stage2Ar: 'ar' } }
    expect(settingProblems.value.stage2).toMatch(/^No VQGAN is open/)
    modelSet.value = { ...others, set: { stage1: 's', stage2Ar: 'ar', vqgan: 'v' } }
    expect(settingProblems.value).toEqual({})
  })

  it('settings are restored from what was stored, also under the names of 0.1', async () => {
    for (const stored of [
      { seed: 20, temperature1: 0.7, topK1: 50, temperature2: 1.3, topP2: 0.5 },
      { seed: 20, stage1Temperature: 0.7, stage1TopK: 50, stage2Temperature: 1.3, stage2TopP: 0.5 },
    ]) {
      vi.resetModules()
      vi.stubGlobal('localStorage', { getItem: () => JSON.stringify(stored), setItem: () => {} })
      const fresh = await import('../../../../src/renderer/state/sample/settings.ts')
      expect(fresh.settings.value).toMatchObject({
        seed: 20,
        stage1Temperature: 0.7,
        stage1TopK: 50,
        stage2Temperature: 1.3,
        stage2TopP: 0.5,
      })
    }
  })

  it('settings start with the published values', () => {
    const { stage1Sampling, stage2Sampling, masked } = requestOf(settings.value)
    expect(stage1Sampling).toEqual({ temperature: 1, topK: 200, topP: 0 })
    expect(stage2Sampling).toEqual({ temperature: 1, topK: 0, topP: 0.8 })
    expect(masked).toEqual({ steps: 8, choiceTemperature: 4.5 })
    expect(SampleRequestSchema.safeParse(requestOf(settings.value)).success).toBe(true)
  })

  it('published values follow a change of kind', () => {
    change({ conditional: true })
    change({ stage2: 'nar' })
    expect(settings.value).toMatchObject({ stage1TopK: 300, stage2TopP: 0 })
    change({ stage1TopK: 50 })
    change({ conditional: false })
    expect(settings.value.stage1TopK).toBe(50)
  })

  it('problems are reported at their fields', () => {
    const wrong = {
      ...settings.value,
      count: 0,
      seed: 1.5,
      stage1TopP: 2,
      stage2Temperature: undefined,
      conditional: true,
      draftCount: 0,
      variants: 2.5,
      splitCount: 1,
    }
    expect(problemsOf(wrong)).toEqual({
      count: 'At least 1',
      seed: 'Must be an integer',
      stage1TopP: 'At most 1',
      stage2Temperature: 'Must be a number',
      classes: 'Select at least one class',
      draftCount: 'At least 1',
      variants: 'Must be an integer',
      splitCount: 'At least 2',
    })
  })

  it('the request of a run restores the settings', () => {
    const made = {
      ...settings.value,
      conditional: true,
      classes: [3, 4],
      stage1TopK: 17,
      seed: 99,
      halton: true,
    }
    expect(settingsOf(requestOf(made), settings.value)).toEqual({
      ...made,
      generator: 'digit',
      seedRule: 'fixed',
    })
  })
})
