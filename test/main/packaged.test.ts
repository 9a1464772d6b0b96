// What electron-builder makes, for each platform, with a stand-in for Electron: the archive, what lies beside it, the
// fuses; and the Linux package at work, under its own Node with its own modules alone.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import afterPack from '../../scripts/package/after-pack.mjs'
import { VC_RUNTIME } from '../../scripts/start/vc-runtime.mjs'
import type { SetSource } from '../../src/shared/evaluation/measurements.ts'
import type { RunStatus } from '../../src/shared/run/run.ts'
import type { RemoteHostApi } from '../../src/shared/contract/calls.ts'
import type { HostedEngine } from '../../src/main/hosted-engine.ts'
import { nodeEngine } from '../../src/main/node-engine.ts'
import { nodeProgram } from '../../src/main/places.ts'
import { QUICK } from '../quick-request.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { peImports } from './pe-imports.ts'
import { ELECTRON_VERSION, standInElectron, type Platform } from './stand-in-electron.ts'
import { standInProject } from './stand-in-project.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const ORT = 'node_modules/onnxruntime-node/bin/napi-v6'
const asar = createRequire(import.meta.url)('@electron/asar') as {
  listPackage(archive: string, options: { isPack: boolean }): string[]
  statFile(archive: string, name: string): object
}

interface Package {
  readonly resources: string
  /** The program whose fuses are set. */
  readonly program: string
  /** Files in the archive, and beside it, from its root. */
  readonly archived: readonly string[]
  readonly unpacked: readonly string[]
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))

/** Runs electron-builder as `npm run package` does, up to the unpacked application. */
function makePackage(platform: Platform, settings: readonly string[], env: NodeJS.ProcessEnv): Package {
  const { path: folder } = temporaryFolder()
  const electron = standInElectron(join(folder, 'electron'), platform)
  const [flag, arch] = (
    { linux: ['linux', 'x64'], win32: ['win', 'x64'], darwin: ['mac', 'arm64'] } as const
  )[platform]
  const project = standInProject(join(folder, 'project'), `${platform}-${arch}`)
  execFileSync(
    process.execPath,
    [
      resolve('node_modules/electron-builder/cli.js'),
      ...['--dir', `--${flag}`, `--${arch}`, '--publish', 'never'],
      ...[`-c.electronDist=${electron}`, `-c.electronVersion=${ELECTRON_VERSION}`],
      `-c.directories.output=${join(folder, 'made')}`,
      ...settings,
    ],
    { cwd: project, env: { ...process.env, ...env }, stdio: 'pipe' },
  )
  const [contents, program] = {
    linux: ['linux-unpacked', 'digit-workbench'],
    win32: ['win-unpacked', 'DiGIT Workbench.exe'],
    darwin: [
      'mac-arm64/DiGIT Workbench.app/Contents',
      'Frameworks/Electron Framework.framework/Electron Framework',
    ],
  }[platform] as [string, string]
  const made = join(folder, 'made', contents)
  const resources = join(made, platform === 'darwin' ? 'Resources' : 'resources')
  const archive = join(resources, 'app.asar')
  return {
    resources,
    program: join(made, program),
    archived: asar.listPackage(archive, { isPack: true }).flatMap((line) => {
      const name = /^pack\s*: [\\/](.*)$/.exec(line)?.[1]
      return name && !('files' in asar.statFile(archive, name)) ? [name.replaceAll('\\', '/')] : []
    }),
    unpacked: files(join(resources, 'app.asar.unpacked')),
  }
}

/** What is true of every package. */
function expectWhole({ archived, unpacked, program }: Package) {
  expect(archived).toEqual(expect.arrayContaining(['out/preload/index.cjs', 'out/renderer/index.html']))
  expect(unpacked).toEqual(expect.arrayContaining(['resources/imagenet-classes.json']))
  const all = [...archived, ...unpacked]
  expect(all).toEqual(expect.arrayContaining(['package.json', 'out/main/index.js', 'out/main/engine.js']))
  expect(
    all.filter((name) =>
      /^(src|test|scripts|docs)\/|\.map$|node_modules\/(ws|commander|electron)\//.test(name),
    ),
  ).toEqual([])
  const bytes = readFileSync(program)
  const fuses = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 34
  // In the order of @electron/fuses: as electron-builder.yml says, and the last as Electron comes.
  expect(bytes.toString('latin1', fuses, fuses + 9)).toBe('000011001')
}
/** Packages of the image codec with native code. */
const codecs = ({ unpacked }: Package) => [
  ...new Set(unpacked.map((name) => /node_modules\/@img\/(sharp-[^/]*)/.exec(name)?.[1]).filter(Boolean)),
]
/** onnxruntime's files, from its folder of binaries. */
const binaries = ({ unpacked }: Package) =>
  unpacked.filter((name) => name.startsWith(ORT)).map((name) => name.slice(ORT.length + 1))

/** What electron-builder tells of a package for x64 that has this codec. */
function packed(platform: Platform, ...packages: readonly string[]) {
  const { path } = temporaryFolder()
  for (const name of ['colour', 'sharp-libvips-linux-x64', ...packages])
    mkdirSync(join(path, 'app.asar.unpacked/node_modules/@img', name), { recursive: true })
  const packager = { getResourcesDir: (folder: string) => folder }
  return { electronPlatformName: platform, appOutDir: path, arch: 1, packager }
}

describe('with the image codec of another platform', () => {
  it.each([
    ['win32', ['sharp-linux-x64'], /found sharp-linux-x64, expected sharp-win32-x64.*--os=win32 --cpu=x64/],
    ['win32', ['sharp-linux-x64', 'sharp-win32-x64'], /expected sharp-win32-x64/],
    ['linux', [], /found none, expected sharp-linux-x64/],
    ['darwin', ['sharp-darwin-arm64'], /expected sharp-darwin-x64/],
  ] as const)('no package is made for %s from %j', async (platform, codec, why) => {
    await expect(afterPack(packed(platform, ...codec))).rejects.toThrow(why)
  })
})

describe('for Windows', () => {
  const vcRuntime = temporaryFolder().path
  const settings = ['-c.win.signAndEditExecutable=false', '-c.disableAsarIntegrity=true']
  it('contains the binding, and every library that Windows lacks next to it', () => {
    for (const name of VC_RUNTIME) writeFileSync(join(vcRuntime, name), name)
    const made = makePackage('win32', settings, { DIGIT_VC_RUNTIME: vcRuntime })
    expectWhole(made)
    expect(binaries(made).filter((name) => !name.startsWith('win32/x64/'))).toEqual([])
    expect(codecs(made)).toEqual(['sharp-win32-x64'])
    const folder = join(made.resources, 'app.asar.unpacked', ORT, 'win32/x64')
    const there = new Set(readdirSync(folder).map((name) => name.toLowerCase()))
    const code = [...there].filter((name) => /\.(dll|node)$/.test(name) && !VC_RUNTIME.includes(name))
    expect(code.length).toBeGreaterThan(1)
    const missing = code.flatMap((name) =>
      peImports(
        join(
          folder,
          readdirSync(folder).find((file) => file.toLowerCase() === name)!,
        ),
      )
        .filter((library) => !there.has(library) && !WINDOWS.test(library))
        .map((library) => `${name} needs ${library}`),
    )
    expect(missing).toEqual([])
  })
  it('is not built without the Visual C++ runtime', async () => {
    process.env.DIGIT_VC_RUNTIME = join(vcRuntime, 'none')
    await expect(afterPack(packed('win32', 'sharp-win32-x64'))).rejects.toThrow(
      /msvcp140\.dll: missing; install https:/,
    )
    delete process.env.DIGIT_VC_RUNTIME
  })
})
/** Of Windows 10 itself, or of the program that loads them. */
const WINDOWS =
  /^(api-ms-win-.*|kernel32|user32|advapi32|gdi32|ole32|oleaut32|shell32|shlwapi|ntdll|bcrypt|dbghelp|version|ws2_32|setupapi|cfgmgr32|rpcrt4|d3d1[12]|dxgi|dxcore|d3dcompiler_47|ucrtbase|node|crypt32|psapi|powrprof|userenv|iphlpapi|winmm|secur32|propsys|combase)\.(dll|exe)$/

describe('for macOS', () => {
  it('contains only the binding for Apple Silicon', () => {
    const icon = join(temporaryFolder().path, 'icon.icns')
    writeFileSync(icon, 'icns')
    const made = makePackage('darwin', [`-c.mac.icon=${icon}`], {})
    expectWhole(made)
    expect(binaries(made).length).toBeGreaterThan(1)
    expect(binaries(made).filter((name) => !name.startsWith('darwin/arm64/'))).toEqual([])
    expect(codecs(made).sort()).toEqual(['sharp-darwin-arm64', 'sharp-libvips-darwin-arm64'])
  })
})

const [SAMPLES, PICTURES] = [2, 4]
const isHere = process.platform === 'linux' && process.arch === 'x64'
describe.runIf(isHere)('for Linux (made and run on Linux x64)', () => {
  let made: Package
  let engine: HostedEngine
  let host: RemoteHostApi
  const output: string[] = []
  const { path: folder } = temporaryFolder()

  beforeAll(() => {
    made = makePackage('linux', [], { DIGIT_PACKAGE_NODE: process.execPath })
    const program = nodeProgram({
      built: join(made.resources, 'app.asar/out/main'),
      isPackaged: true,
      resources: made.resources,
      environment: {
        ...process.env,
        DIGIT_WORKSPACE: join(folder, 'workspace'),
        DIGIT_CACHE: join(folder, 'cache'),
        // Its own demo.
        DIGIT_DEMO: '',
      },
    })
    engine = nodeEngine(program)({ models: [] })
    engine.onOutput((text) => output.push(text))
    host = engine.host
  })
  afterAll(() => engine?.kill())
  const until = (look: () => Promise<unknown>) =>
    vi.waitFor(async () => expect(await look(), output.join('')).toBeTruthy(), {
      timeout: 120_000,
      interval: 200,
    })
  /** Throws where it failed. */
  const finished = (job: { readonly status?: RunStatus } | undefined) => {
    if (job?.status?.state === 'failed') throw new Error(job.status.error.message)
    return job?.status?.state === 'done'
  }

  it('contains a Node, and everything that Node reads outside the archive', () => {
    expectWhole(made)
    expect(made.unpacked).toEqual(
      expect.arrayContaining(['package.json', 'out/main/engine.js', 'out/main/umap-worker.js']),
    )
    expect(made.archived.filter((name) => /^node_modules\//.test(name))).toEqual([])
    expect(binaries(made).filter((name) => !name.startsWith('linux/x64/'))).toEqual([])
    expect(codecs(made).sort()).toEqual(['sharp-libvips-linux-x64', 'sharp-linux-x64'])
    expect(existsSync(join(made.resources, 'node'))).toBe(true)
    // Nothing is found above it: what is loaded is its own.
    expect(resolve(made.resources)).not.toContain(resolve('.'))
  })

  it("says where CUDA's libraries go, as there is no npm in it", async () => {
    const { devices } = await host.surveyDevices()
    const place = join(made.resources, 'app.asar.unpacked', ORT, 'linux/x64/libonnxruntime_providers_cuda.so')
    expect(devices.find(({ device }) => device === 'cuda')!.note).toContain(`missing ${place}`)
  })

  let sampled: string
  it('samples', async () => {
    await until(async () => (await host.snapshot()).modelSet)
    sampled = await host.startSample({ ...QUICK, count: SAMPLES })
    await until(async () => finished((await host.snapshot()).runs.find(({ id }) => id === sampled)))
    expect(Buffer.from(await host.readImage(sampled, 0)).toString('latin1', 1, 4)).toBe('PNG')
  })
  let real: SetSource
  it('tokenizes pictures into a data set', async () => {
    const pictures = join(made.resources, 'app.asar.unpacked/resources/demo/images')
    mkdirSync(join(folder, 'real'))
    for (const [i, file] of files(pictures).sort().slice(0, PICTURES).entries())
      writeFileSync(join(folder, 'real', `${i}.png`), readFileSync(join(pictures, file)))
    await host.addImages([join(folder, 'real')])
    real = (await host.listImageSets()).find(({ name }) => name === 'real')!.source
    const id = await host.startAtlas({ source: real, tokens: 'discriminative' })
    await until(async () => finished((await host.listAtlases()).find((atlas) => atlas.id === id)))
    const { info, table } = await host.readAtlas(id)
    expect(info.images).toBe(PICTURES)
    expect(table.cells.reduce((sum, cells) => sum + cells)).toBe(PICTURES * 256)
    expect(files(join(folder, 'workspace/tokens')).join()).toContain('.parquet')
  })
  it('measures the samples against them', async () => {
    const samples = { kind: 'run', run: sampled } as const
    const asked = { protocol: 'dinov2', confidence: false, perClass: false } as const
    const id = await host.startEvaluation({ samples, reference: real, ...asked })
    await until(async () => {
      finished((await host.listEvaluations()).find((evaluation) => evaluation.id === id))
      return (await host.listMeasurements()).length > 0
    })
    const [{ stamp } = { stamp: undefined }] = await host.listMeasurements()
    expect(stamp!.samples.n).toBe(SAMPLES)
    expect(stamp!.results.frechet_dinov2_distance).toBeGreaterThan(0)
  })
  it('makes a figure of the samples', async () => {
    const images = Array.from({ length: SAMPLES }, (_, image) => ({ run: sampled, image }))
    const grid = { kind: 'grid', images, columns: 2, overlay: { grid: 'codes', tokens: [] } }
    const figure = await host.createFigure('samples', JSON.stringify({ schema: 1, rows: [[grid]] }))
    const target = { kind: 'figure', figure } as const
    await host.startExport(target, { zip: false, replace: false })
    await until(async () => finished(await host.readExport(target)))
    const written = files(join(folder, 'workspace/figures'))
    const start = (ending: string) =>
      readFileSync(
        join(
          folder,
          'workspace/figures',
          written.find((name) => name.endsWith(ending))!,
        ),
        'latin1',
      )
    expect([start('.pdf').slice(0, 5), start('.png').slice(1, 4)]).toEqual(['%PDF-', 'PNG'])
    expect(start('.svg')).toContain('<image')
  })
})
