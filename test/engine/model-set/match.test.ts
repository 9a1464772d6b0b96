import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cachedFile, cacheFolder } from '../../../src/engine/model-set/cache.ts'
import { matchModels } from '../../../src/engine/model-set/match.ts'
import { openHashes } from '../../../src/engine/model-set/hash.ts'
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

describe('hashes', () => {
  it('are cached until the file changes', async () => {
    const folder = temporaryFolder()
    const path = folder.write('file.npy', 'one')
    const cache = join(folder.path, 'cache')
    const hash = async () => {
      const [file] = (await walk([path])).files
      const hashes = await openHashes(cache)
      const sha256 = await hashes.sha256(file!)
      await hashes.save()
      return sha256
    }
    const first = await hash()
    expect(first).toBe('7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed')
    const memory = join(cache, 'sha256.json')
    writeFileSync(memory, readFileSync(memory, 'utf8').replace(/[0-9a-f]{64}/, 'f'.repeat(64)))
    expect(await hash()).toBe('f'.repeat(64))
    writeFileSync(path, 'two')
    expect(await hash()).toBe('3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3')
    writeFileSync(memory, '{"__proto__": [')
    expect(await hash()).toMatch(/^3fc4/)
  })

  it('are right for a file of many chunks', async () => {
    const folder = temporaryFolder()
    const path = folder.write('large.npy', Buffer.alloc(9 * 2 ** 20 + 5, 'digit'))
    const [file] = (await walk([path])).files
    const hashes = await openHashes(join(folder.path, 'cache'))
    const { createHash } = await import('node:crypto')
    expect(await hashes.sha256(file!)).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'))
  })
})

describe('the cache', () => {
  it('is in the cache folder of the system', () => {
    expect(cacheFolder({ DIGIT_CACHE: '/here' }, 'linux')).toBe('/here')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/x/digit-workbench')
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toMatch(/\.cache.digit-workbench$/)
    expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.digit-workbench$/)
    expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32')).toMatch(/^.l.digit-workbench.cache$/)
  })

  it('creates a file once, and leaves nothing behind after a failure', async () => {
    const { path: folder } = temporaryFolder()
    let made = 0
    const content = () => Buffer.from(`content ${++made}`)
    const entry = { key: ['abc', 'int8', '1'], label: 'int8', ending: '.bin', folder }
    const path = await cachedFile(entry, content)
    expect(await cachedFile(entry, content)).toBe(path)
    expect(readFileSync(path, 'utf8')).toBe('content 1')
    expect(await cachedFile({ ...entry, key: ['abd'] }, content)).not.toBe(path)
    const failing = async function* () {
      yield Buffer.from('half')
      throw new Error('no more')
    }
    await expect(cachedFile({ ...entry, key: ['fails'] }, failing)).rejects.toThrow('no more')
    expect(readdirSync(folder)).toHaveLength(2)
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
