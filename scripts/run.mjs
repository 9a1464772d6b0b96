// Bundles one TypeScript entry with esbuild into out/ and runs it: `node scripts/run.mjs ENTRY [ARG...]`.
// The command comes with the engine's own process, which `digit serve` forks, and that process's thread.
// Packages stay external, so a bundle is only our own code and takes a fraction of a second to make.
import { build } from 'esbuild'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
const buildOnly = args[0] === '--build-only'
if (buildOnly) args.shift()
const entry = args.shift()
const outfile = join(root, 'out', entry.replace(/\.ts$/, '.js'))
const entries =
  entry === 'src/cli/digit.ts'
    ? [entry, 'src/engine/api/process.ts', 'src/engine/api/umap-worker.ts']
    : [entry]
await build({
  entryPoints: entries.map((name) => join(root, name)),
  outdir: join(root, 'out'),
  outbase: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
  ...(buildOnly ? { banner: { js: '#!/usr/bin/env node' } } : {}),
})
if (!buildOnly) {
  process.argv = [process.argv[0], resolve(outfile), ...args]
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(outfile).href)
}
