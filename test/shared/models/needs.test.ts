import { describe, expect, it } from 'vitest'
import { commandNeeds } from '../../../src/shared/models/needs.ts'
import type { ModelSet } from '../../../src/shared/models/models.ts'

const lacksOf = (roles: string, damaged: ModelSet['damaged'] = {}) => {
  const set = Object.fromEntries(roles.split(' ').map((role) => [role, role]))
  return Object.fromEntries(
    commandNeeds({ set, damaged }).map(({ command, lacks }) => [command, lacks.join(', ')]),
  )
}

describe('what a command lacks', () => {
  it('is nothing with all models, and sampling needs a VQGAN', () => {
    expect(lacksOf('stage1 stage2Nar vqgan').sample).toBe('')
    expect(lacksOf('stage1 stage2Ar')).toMatchObject({ sample: 'VQGAN', decode: 'VQGAN' })
    expect(lacksOf('stage1 stage2Ar vqgan')).toMatchObject({
      'sample --class': 'class-conditional stage 1',
      tokenize: 'encoder (DINOv2), codebook (K-Means centroids)',
      'decode --tokens codes': '',
    })
  })

  it('is nothing for sampling with the plain model and the VQGAN', () => {
    expect(lacksOf('vqAr vqgan').sample).toBe('')
    expect(lacksOf('vqAr').sample).toBe('VQGAN')
    expect(lacksOf('codebook').sample).toBe('stage 1, stage 2, VQGAN')
  })

  it('includes a model whose file cannot be used, although others could take its place', () => {
    const damaged = { stage2Ar: 'x.pt cannot be used: cut' }
    expect(lacksOf('stage1 stage2Nar vqgan', damaged).sample).toBe(
      'stage 2 (cannot be used; --stage2 nar takes the other)',
    )
    expect(lacksOf('vqAr vqgan', { stage1: 'x.pt cannot be used: cut' }).sample).toContain(
      'stage 1 (cannot be used)',
    )
  })
})
