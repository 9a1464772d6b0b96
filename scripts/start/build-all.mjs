// Builds the program beside the checks (scripts/check.mjs).
import { buildAll } from './build.mjs'

await buildAll()
