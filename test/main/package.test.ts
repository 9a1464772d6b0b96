// What an installer would carry: checked on its configuration, because making one fetches Electron and tools.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Builder {
  readonly files: readonly string[]
  readonly asar: boolean
  readonly asarUnpack: readonly string[]
  readonly icon: string
  readonly directories: { readonly output: string; readonly buildResources: string }
  readonly electronFuses: Record<string, boolean>
  readonly toolsets: { readonly appimage: string }
  readonly linux: Target & { readonly syncDesktopName: boolean }
  readonly win: Target
  readonly mac: Target & { readonly identity: string }
}
interface Target {
  readonly files: readonly unknown[]
  readonly target: readonly unknown[]
}
const builder = parse(readFileSync('electron-builder.yml', 'utf8')) as Builder
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  main: string
  productName: string
  desktopName: string
  homepage: string
  description: string
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/** Packages that code under these folders loads when it runs; types and the standard library are no such. */
function loadedBy(folders: readonly string[]): Set<string> {
  const names = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|vue)$/.test(name))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), 'utf8')
        return [...text.matchAll(/^import (?!type\b)(?:[^'";]*? from )?'([^.'][^']*)'/gm)].map(
          (found) => found[1]!,
        )
      }),
  )
  const packages = names.map((name) =>
    name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/'),
  )
  return new Set(packages.filter((name) => !isBuiltin(name) && name !== 'electron'))
}

describe('packages', () => {
  const inNode = loadedBy(['src/engine', 'src/main', 'src/preload', 'src/cli', 'src/shared'])
  const inPage = loadedBy(['src/renderer'])

  it('are dependencies if the engine or the shell loads them', () => {
    expect([...inNode].filter((name) => !(name in manifest.dependencies))).toEqual([])
    expect(inNode).toContain('onnxruntime-node')
  })
  it('are not dependencies if only the bundled page uses them', () => {
    const carried = [...inPage].filter((name) => !inNode.has(name) && name in manifest.dependencies)
    expect(carried).toEqual([])
    expect(inPage).toContain('vue')
  })
  it('have exact versions', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies })
    // Or of a package under another name.
    expect(versions.filter((version) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})

describe('an installer', () => {
  it('contains the built shell, the page and the resources, and no source', () => {
    const wanted = builder.files.filter((pattern) => !pattern.startsWith('!'))
    expect(wanted).toEqual([
      'out/main/**',
      'out/preload/**',
      'out/renderer/**',
      'resources/**',
      'package.json',
    ])
    expect(manifest.main).toBe('out/main/index.js')
    expect(builder.directories.output.startsWith('out/main')).toBe(false)
  })
  it('leaves out binaries of other platforms, which exist at the patterns', () => {
    const binaries = 'node_modules/onnxruntime-node/bin/napi-v6'
    // `${platform}` would be that of the machine that packages.
    expect(builder.files.join()).not.toContain('${platform}')
    for (const [own, others] of [
      ['linux', '{darwin,win32}'],
      ['win', '{darwin,linux}'],
      ['mac', '{linux,win32}'],
    ] as const)
      expect(builder[own].files).toEqual([{ filter: ['none', `!${binaries}/${others}/**`] }])
    expect(builder.files).toContain(`!${binaries}/*/!(\${arch})/**`)
    // As electron-builder names platforms and processors.
    expect(readdirSync(binaries).sort()).toEqual(['darwin', 'linux', 'win32'])
    expect(readdirSync(`${binaries}/linux`).every((arch) => ['x64', 'arm64'].includes(arch))).toBe(true)
    // sharp comes for this platform alone, as packages of its own.
    expect(
      readdirSync('node_modules/@img').filter((name) => /^sharp-(?!libvips)/.test(name)).length,
    ).toBeLessThan(3)
  })
  it('unpacks the files that native code reads', () => {
    expect(builder.asar).toBe(true)
    for (const name of ['onnxruntime-node', 'sharp', '@img'])
      expect(builder.asarUnpack).toContain(`node_modules/${name}/**`)
    expect(builder.asarUnpack).toContain('resources/**')
  })
  it('has an icon that every format can be made from', async () => {
    expect(existsSync(join(builder.directories.buildResources, 'icon.svg'))).toBe(true)
    const { width, height, hasAlpha } = await sharp(builder.icon).metadata()
    expect([width, height, hasAlpha]).toEqual([1024, 1024, true])
  })
  it('links to the paper', () => {
    expect(manifest.homepage).toBe('https://arxiv.org/abs/2410.12490')
    expect(manifest.description).not.toBe('')
  })
  it('is ad-hoc signed on macOS, and only for Apple Silicon', () => {
    expect(builder.mac.identity).toBe('-')
    expect(builder.mac.target).toEqual([{ target: 'dmg', arch: ['arm64'] }])
    // Fuses are written before that, so the signature holds.
    expect(builder.electronFuses).not.toHaveProperty('resetAdHocDarwinSignature')
  })
  it('needs no FUSE 2 as an AppImage', () => expect(builder.toolsets.appimage).toBe('1.0.3'))
  it('has the same name for its window and its menu entry on Linux', () => {
    expect(builder.linux.syncDesktopName).toBe(true)
    expect([manifest.desktopName, manifest.productName]).toEqual([
      'digit-workbench.desktop',
      'DiGIT Workbench',
    ])
  })
  it('can be inspected only in the test build', () => {
    expect(builder.electronFuses.enableNodeCliInspectArguments).toBe(false)
    expect(manifest.scripts['package:test']).toMatch(/--dir .*enableNodeCliInspectArguments=true$/)
  })
})
