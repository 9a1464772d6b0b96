// Bundles one TypeScript entry into out/ and runs it: `node scripts/run.mjs ENTRY [ARG...]`.
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.mjs'

const args = process.argv.slice(2)
const buildOnly = args[0] === '--build-only'
if (buildOnly) args.shift()
const file = await bundle(args.shift())
if (!buildOnly) {
  process.argv = [process.argv[0], file, ...args]
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(file).href)
}
