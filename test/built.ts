// The program as people get it, which test/build.ts builds before the first file.
import { resolve } from 'node:path'

export const BUILT = {
  command: resolve('out/src/cli/digit.js'),
  engine: resolve('out/src/engine/api/process.js'),
  umap: resolve('out/src/engine/api/umap-worker.js'),
  page: resolve('out/renderer'),
  shell: resolve('out/main/index.js'),
} as const
