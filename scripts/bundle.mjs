// One TypeScript entry as a JavaScript file under out/, made with esbuild. Packages stay external, so a bundle is only
// our own code and takes a fraction of a second to make; the command brings those it can, and so starts four times as
// fast: reading its packages' hundreds of files took longer than all else.
import { build } from 'esbuild'
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './root.mjs'

const COMMAND = 'src/cli/digit.ts'
/** Bundled with the command: the engine process, which `digit web` forks, and its thread. */
const WITH_COMMAND = ['src/engine/api/process.ts', 'src/engine/api/umap-worker.ts']
/** Packages with native code, which no bundle can have. */
const NATIVE = ['onnxruntime-node', 'sharp']
/** For the command's packages that are CommonJS and load what Node has. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)"

/** `src/cli/digit.ts` -> path of `out/src/cli/digit.js`. */
export const bundled = (entry) => join(root, 'out', entry.replace(/\.ts$/, '.js'))

/**
 * Bundles an entry, given relative to the repository's root, and returns the bundle's path. Files are replaced
 * atomically, because another process may be starting from them.
 */
export async function bundle(entry) {
  const isCommand = entry === COMMAND
  const { outputFiles } = await build({
    entryPoints: [entry, ...(isCommand ? WITH_COMMAND : [])].map((name) => join(root, name)),
    outdir: join(root, 'out'),
    outbase: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    ...(isCommand
      ? { external: NATIVE, banner: { js: `#!/usr/bin/env node\n${REQUIRE}` } }
      : { packages: 'external' }),
    sourcemap: true,
    logLevel: 'warning',
    write: false,
  })
  for (const { path, contents } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true })
    const partial = `${path}.${process.pid}`
    writeFileSync(partial, contents)
    if (path === bundled(COMMAND)) chmodSync(partial, 0o755)
    renameSync(partial, path)
  }
  return bundled(entry)
}
