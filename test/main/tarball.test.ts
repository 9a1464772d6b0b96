// What `npm pack` carries: the program as it is built, and what it reads; no source, no test, no picture of the docs.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'

interface Tarball {
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  bin: { digit: string }
  main: string
}
const MB = 1e6

describe('the tarball of npm pack', () => {
  let tarball: Tarball
  let paths: string[]
  beforeAll(() => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    // Scripts are off: what is built is packed as it is.
    const told = execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
    ;[tarball] = JSON.parse(told) as [Tarball]
    paths = tarball.files.map(({ path }) => path)
  })

  it('contains the command, the engine, the page, the shell and the demo', () => {
    for (const path of [
      manifest.bin.digit,
      manifest.main,
      'out/src/engine/api/process.js',
      'out/src/engine/api/umap-worker.js',
      'out/main/engine.js',
      'out/main/umap-worker.js',
      'out/preload/index.cjs',
      'scripts/start.mjs',
      'scripts/start/electron.mjs',
      'scripts/start/vc-runtime.mjs',
      'out/renderer/index.html',
      'resources/imagenet-classes.json',
      'resources/demo/models/vqgan_demo.ckpt',
      'README.md',
      'LICENSE',
      'package.json',
    ])
      expect(paths).toContain(path)
  })

  it('contains nothing else', () => {
    const known =
      /^(out\/(main|preload|renderer|src)|resources)\/|^scripts\/start|^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/
    expect(paths.filter((path) => !known.test(path))).toEqual([])
    expect(paths.filter((path) => /\.(map|ts|mts|tsbuildinfo)$|(^|\/)(test|docs)\//.test(path))).toEqual([])
  })

  it('is only a little larger than the demo', () => {
    const demo = tarball.files.filter(({ path }) => path.startsWith('resources/demo/'))
    const bytes = demo.reduce((sum, { size }) => sum + size, 0)
    expect(tarball.unpackedSize - bytes).toBeLessThan(15 * MB)
  })

  it('has a command that starts with node', () => {
    expect(readFileSync(manifest.bin.digit, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })
})
