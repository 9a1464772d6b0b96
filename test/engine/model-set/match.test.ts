import { mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { matchModels } from '../../../src/engine/model-set/match.ts'
import { walk } from '../../../src/engine/model-set/walk.ts'
import { pathLikeness } from '../../../src/engine/model-set/likeness.ts'
import type { ModelFile, ModelKind } from '../../../src/shared/models/models.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

describe('walking', () => {
  const folder = temporaryFolder()
  for (const name of [
    'b/model.pt',
    'a.npy',
    '.hidden/x.pt',
    'node_modules/p/x.pt',
    'b/picture.png',
    'b/NOTES',
  ])
    folder.write(name, 'x')
  symlinkSync('..', join(folder.path, 'b/up'))
  symlinkSync('b', join(folder.path, 'c'))
  symlinkSync('b/model.pt', join(folder.path, 'link.pt'))
  symlinkSync('nowhere', join(folder.path, 'broken.pt'))
  const names = ({ files }: Awaited<ReturnType<typeof walk>>) =>
    files.map(({ path }) => relative(folder.path, path))

  it('lists each file once, skips files that cannot be models, and stops at loops of links', async () => {
    const found = await walk([folder.path, folder.path])
    expect(names(found)).toEqual(['a.npy', 'link.pt'])
    expect(found.notes).toEqual([`${join(folder.path, 'broken.pt')}: broken link`])
  })

  it('opens a file given by its path whatever its name', async () => {
    expect(names(await walk([join(folder.path, 'b/NOTES')]))).toEqual(['b/NOTES'])
  })

  it('stops at a limit and reports it', async () => {
    const many = temporaryFolder()
    for (let i = 0; i < 30; i++) many.write(`${i}.pt`, '')
    const { files, notes } = await walk([many.path], { maxEntries: 10 })
    expect(files).toHaveLength(10)
    expect(notes[0]).toContain('stopped after 10 entries')
    let deep = many.path
    for (let i = 0; i < 12; i++) mkdirSync((deep = join(deep, 'd')))
    expect((await walk([many.path])).notes[0]).toContain('deeper than 10')
  })
})

describe('matching', () => {
  const model = (kind: ModelKind, path: string, facts: ModelFile['facts']): ModelFile => {
    const id = path
    return { id, path: `/m/${path}`, prefix: '', kind, bytes: 1, sha256: id, summary: kind, facts }
  }
  const files = [
    model('stage1', 'base/stage1.pt', { vocabulary: 8192, classes: 0, codebookHint: 'd/base/km_8k.npy' }),
    model('stage1', 'large/stage1.pt', { vocabulary: 16384, classes: 0, codebookHint: 'd/large/km_16k.npy' }),
    model('stage2-ar', 'base/stage2.pt', { vocabulary: 1024, sourceVocabulary: 8192, codebookHint: '' }),
    model('codebook', 'km_8k.npy', { codes: 8192, width: 768 }),
    model('codebook', 'km_16k.npy', { codes: 16384, width: 1024 }),
    model('encoder', 'vitl.pth', { width: 1024 }),
    model('encoder', 'vitb.pth', { width: 768 }),
    model('vqgan', 'vqgan.ckpt', { codes: 1024, width: 256, multipliers: '1 1 2 2 4' }),
    model('vqgan-config', 'other.yaml', { codes: 1024, width: 256, multipliers: '1 2 4' }),
  ]

  it('selects the codebook that fits most files, and the encoder of its width', () => {
    const { set, notes } = matchModels(files)
    expect(set).toEqual({
      stage1: 'base/stage1.pt',
      stage2Ar: 'base/stage2.pt',
      codebook: 'km_8k.npy',
      encoder: 'vitb.pth',
      vqgan: 'vqgan.ckpt',
    })
    expect(notes).toContain(
      'large/stage1.pt does not fit: this stage 1 has 16384 discriminative tokens, the stage 1 base/stage1.pt has 8192',
    )
    expect(notes).toContain(
      'other.yaml does not fit: this VQGAN yaml has 1 2 4 as channel multipliers, the VQGAN vqgan.ckpt has 1 1 2 2 4',
    )
  })

  it('changes the whole set to fit a choice', () => {
    const { set } = matchModels(files, { stage1: '/m/large/stage1.pt' })
    expect(set).toMatchObject({ stage1: 'large/stage1.pt', codebook: 'km_16k.npy', encoder: 'vitl.pth' })
    expect(set.stage2Ar).toBeUndefined()
  })

  it('refuses choices that do not fit together', () => {
    expect(() => matchModels(files, { stage1: '/m/large/stage1.pt', codebook: '/m/km_8k.npy' })).toThrow(
      'stage 1: large/stage1.pt does not fit: this stage 1 has 16384 discriminative tokens, the codebook km_8k.npy has 8192',
    )
  })
})

it('paths that differ in spelling are recognized as similar', () => {
  const hint = 'dataset/ILSVRC2012/dino_short_224_l3/km_8k.npy'
  const right = pathLikeness('/home/x/data/ILSVRC2012/dinov2_base_short_224_l3/km_8k.npy', hint)
  expect(right).toBeGreaterThan(0.8)
  expect(pathLikeness('/home/x/data/ILSVRC2012/mae_base_224/km_8k.npy', hint)).toBeLessThan(right)
  expect(pathLikeness(hint, hint)).toBe(1)
  expect(pathLikeness('a', '')).toBe(0)
})
