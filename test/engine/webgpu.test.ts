// What runs on a GPU in software, in one process: a kernel that one test compiled, which takes long, serves the others.
import { beforeAll, describe } from 'vitest'
import { keepGpu } from './models/run-graph.ts'

beforeAll(keepGpu)

describe('decoding', async () => void (await import('./decoding/webgpu.ts')))
describe('transformers and draws', async () => void (await import('./models/webgpu.ts')))
describe('pictures', async () => void (await import('./models/pictures-webgpu.ts')))
describe('generators', async () => void (await import('./models/generators/webgpu.ts')))
