// What files that run side by side do not share, and what a person has: their cache and their workspace.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

process.env.DIGIT_CACHE = join(tmpdir(), 'cache', process.env.VITEST_POOL_ID ?? '1')
