// The engine beside a GLib that is not the image codec's own, as Electron brings one on Linux: the system's libraries
// are loaded into the process that plays Electron, and GLib's first complaint ends whoever makes it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'
import { expect, it } from 'vitest'
import { BUILT } from '../built.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
const NAMES = ['libglib-2.0.so.0', 'libgobject-2.0.so.0', 'libgio-2.0.so.0']
const libraries = FOLDERS.map((folder) => NAMES.map((name) => join(folder, name))).find((paths) =>
  paths.every((path) => existsSync(path)),
)
const IMAGES = 2
const missing =
  process.platform !== 'linux'
    ? 'only Linux has that problem'
    : libraries
      ? undefined
      : "the system has none (Debian: 'apt-get install libglib2.0-0')"
const TESTS = [
  'the image codec crashes a process with another GLib loaded, so the engine has a Node of its own',
  'the image codec works in the process that the shell starts for the engine',
  'a whole sample run works with another GLib loaded',
] as const

if (missing !== undefined)
  for (const name of TESTS) it.skip(`${name}: not tested here, because ${missing}`, () => {})
else {
  const { path: folder } = temporaryFolder()
  // For what is bundled outside the project.
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  /** The program, with the system's GLib loaded into it, whose first complaint ends whoever makes it. */
  const beside = (program: string, ...args: readonly string[]) =>
    spawnSync(process.execPath, [join(folder, program), ...args], {
      env: {
        ...process.env,
        LD_PRELOAD: libraries!.join(' '),
        G_DEBUG: 'fatal-criticals',
        DIGIT_WORKSPACE: join(folder, 'workspace'),
      },
      encoding: 'utf8',
      timeout: 120_000,
    })
  const program = (entryPoint: string, name: string) =>
    buildSync({
      entryPoints: [entryPoint],
      outfile: join(folder, name),
      bundle: true,
      platform: 'node',
      packages: 'external',
      format: 'cjs',
    })
  program('test/main/codec-round-trip.ts', 'codec.cjs')

  it(TESTS[0], () => {
    const { stdout, signal } = beside('codec.cjs')
    // GLib's own end; with some versions the codec does not get so far.
    expect([stdout, signal]).toEqual(['', expect.stringMatching(/^SIG(TRAP|SEGV|ABRT)$/)])
  })

  it(TESTS[1], () => {
    program('test/main/codec-beside-double.ts', 'codec-beside-double.cjs')
    const { status, stdout, stderr } = beside('codec-beside-double.cjs', join(folder, 'codec.cjs'))
    expect([status, stdout], stderr).toEqual([0, 'round trip of 32 x 32 and 2 x 2 pixels\nexit code 0\n'])
  })

  it(TESTS[2], () => {
    buildSync({
      entryPoints: ['test/main/sample-in-double.ts', 'test/electron-double/electron.ts'],
      outdir: folder,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    })
    // The double's utility process, if the shell were to start one.
    copyFileSync('test/electron-double/utility.mjs', join(folder, 'utility.mjs'))
    const child = beside(
      'main/sample-in-double.mjs',
      BUILT.shell,
      join(folder, 'electron-double/electron.mjs'),
      String(IMAGES),
    )
    expect([child.status, child.signal, child.stderr.match(/CRITICAL/g)], child.stderr).toEqual([
      0,
      null,
      null,
    ])
    const told = JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>
    expect(told.sizes).toHaveLength(IMAGES)
    expect(told.utilities).toBe(0)
  })
}
