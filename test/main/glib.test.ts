// The engine beside a GLib that is not the image codec's own, as Electron brings one on Linux: the system's libraries
// are loaded into the process that plays Electron, and GLib's first complaint ends whoever makes it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
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

if (process.platform !== 'linux')
  it.skip('samples beside a foreign GLib: only Linux has that problem', () => {})
else if (!libraries)
  it.skip("samples beside a foreign GLib: the system has none (Debian: 'apt-get install libglib2.0-0')", () => {})
else
  it('samples beside a foreign GLib', () => {
    const { path: folder } = temporaryFolder()
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
    const child = spawnSync(
      process.execPath,
      [
        join(folder, 'main/sample-in-double.mjs'),
        BUILT.shell,
        join(folder, 'electron-double/electron.mjs'),
        String(IMAGES),
      ],
      {
        env: {
          ...process.env,
          LD_PRELOAD: libraries.join(' '),
          G_DEBUG: 'fatal-criticals',
          DIGIT_WORKSPACE: join(folder, 'workspace'),
        },
        encoding: 'utf8',
        timeout: 120_000,
      },
    )
    expect([child.status, child.signal, child.stderr.match(/CRITICAL/g)], child.stderr).toEqual([
      0,
      null,
      null,
    ])
    const { sizes, utilities } = JSON.parse(child.stdout.trim().split('\n').at(-1)!) as Record<
      string,
      unknown
    >
    expect(sizes).toHaveLength(IMAGES)
    expect(utilities).toBe(0)
  })
