// What files that run side by side do not share, and what a person has: their cache and their workspace.
import { resolve } from 'node:path'

process.env.DIGIT_CACHE = resolve('out/test-cache', process.env.VITEST_POOL_ID ?? '1')
