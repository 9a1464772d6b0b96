// How the desktop application is built: main, preload, the engine's process and the page, into out/.
import { resolve } from 'node:path'
import { defineConfig } from 'electron-vite'
import page from './renderer.vite.config.ts'

const external = { externalizeDeps: true, minify: false, sourcemap: true } as const

export default defineConfig({
  main: {
    build: {
      ...external,
      outDir: 'out/main',
      rollupOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          engine: resolve('src/engine/api/process.ts'),
          'umap-worker': resolve('src/engine/api/umap-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      ...external,
      outDir: 'out/preload',
      rollupOptions: {
        input: resolve('src/preload/index.ts'),
        // A sandboxed preload has no modules.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: page,
})
