// The axis of checkpoints in the form of a sweep: chosen before and after the models are scanned.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { axesOf } from '../../../../src/shared/sweep/plan.ts'
import type { ModelFile } from '../../../../src/shared/models/models.ts'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { baseSpec, changeForm, checked, endExtending, form } =
  await import('../../../../src/renderer/state/curves/sweep-form.ts')
const { filesOf, fittingAxes } = await import('../../../../src/renderer/state/curves/typed-axes.ts')
const { modelSet } = await import('../../../../src/renderer/state/models/models-in-use.ts')
const { change, publishedDefaults, settings } =
  await import('../../../../src/renderer/state/sample/settings.ts')

const checkpoint = (id: string, epoch: number, classes = 0): ModelFile => ({
  id,
  path: `/models/${id}.pt`,
  prefix: '',
  kind: 'stage1',
  bytes: 1,
  sha256: '',
  summary: '',
  facts: { epoch, classes },
})
const show = (...files: ModelFile[]) =>
  (modelSet.value = { files, set: {}, generators: [], notes: [], assumed: [], classNames: ['fish', 'bird'] })
const choose = (files?: readonly string[]) =>
  changeForm({ axes: [{ name: 'checkpoint', text: '', files }], count: 4 })
const images = () => checked.value.cells.reduce((sum, { spec }) => sum + spec.count, 0)

beforeEach(() => {
  modelSet.value = undefined
  settings.value = publishedDefaults(false, 'ar')
  endExtending()
})

describe('an axis of checkpoints', () => {
  it('takes all that fit, also if the models are scanned after it was chosen', () => {
    choose()
    expect(checked.value.problems).toEqual(['Select at least one'])
    show(checkpoint('late', 20), checkpoint('early', 1))
    expect(filesOf(form.value.axes[0]!, baseSpec())).toEqual(['early', 'late'])
    expect(images()).toBe(8)
    show(checkpoint('late', 20), checkpoint('early', 1), checkpoint('middle', 5))
    expect(images()).toBe(12)
  })

  it('takes only the chosen ones that fit the other settings', () => {
    show(checkpoint('early', 1), checkpoint('late', 20), checkpoint('by class', 20, 2))
    choose(['late', 'by class'])
    expect(filesOf(form.value.axes[0]!, baseSpec())).toEqual(['late'])
    change({ conditional: true, classes: [1] })
    expect(filesOf(form.value.axes[0]!, baseSpec())).toEqual(['by class'])
    choose([])
    expect(checked.value.problems).toEqual(['Select at least one'])
  })
})

it('axes that a generator does not have give way to its guidance', () => {
  const axis = (name: 'temperature' | 'guidance' | 'topk', text = '1') => ({ name, text, files: undefined })
  const names = axesOf({ generator: { family: 'maskgit', settings: {} } })
  expect(names).toEqual(expect.arrayContaining(['steps', 'guidance', 'seed', 'count']))
  expect(names).not.toContain('temperature')
  expect(fittingAxes([axis('temperature')], names)).toMatchObject([{ name: 'guidance' }])
  expect(fittingAxes([axis('topk'), axis('guidance', '1, 3')], names)).toEqual([axis('guidance', '1, 3')])
  const own = [axis('guidance')]
  expect(fittingAxes(own, names)).toBe(own)
})
