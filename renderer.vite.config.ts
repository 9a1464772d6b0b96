// How the page is built: src/renderer -> out/renderer, for the browser and for the desktop window alike.
import vue from '@vitejs/plugin-vue'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: resolve('src/renderer'),
  // Relative, so that the page works under any address and from the disk.
  base: './',
  plugins: [vue()],
  build: {
    outDir: resolve('out/renderer'),
    emptyOutDir: true,
    // electron-vite would leave it as it is.
    minify: 'oxc',
    assetsInlineLimit: 0,
    rollupOptions: {
      // About comments in zod that only matter to other bundlers.
      onwarn: (warning, warn) => warning.code !== 'INVALID_ANNOTATION' && warn(warning),
    },
  },
})
