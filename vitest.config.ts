import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// Networks are compared on one thread pool: files run one after another so that two onnxruntime pools
// never fight over the cores, and a slow machine gets time instead of a false failure.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/webgpu-driver.ts'],
    environment: 'node',
    pool: 'forks',
    // Nothing is written to the user's own cache folder.
    env: { DIGIT_CACHE: resolve('out/test-cache') },
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
