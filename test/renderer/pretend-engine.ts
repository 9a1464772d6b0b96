// An engine of nothing but timers and drawn squares: for looking at the page, and at libraries of any size.
import type { EngineApi, EngineEvents, ImageDetails, WorkspaceRun } from '../../src/shared/api.ts'
import type { ModelLibrary } from '../../src/shared/models.ts'
import type { SampleRequest } from '../../src/shared/run.ts'
import type { EngineConnection } from '../../src/renderer/engine.ts'
import { clusterPixels } from '../../src/renderer/colour/cluster-colour.ts'

export interface Pretence {
  readonly library: ModelLibrary
  /** Runs that are there from the start, and images in each. */
  readonly runs: number
  readonly images: number
  /** Milliseconds that a row of tokens takes. */
  readonly pace: number
}

const REQUEST: SampleRequest = {
  device: 'auto',
  batchSize: 16,
  weightBits: 32,
  stage2: 'ar',
  sampling1: { temperature: 1, topK: 200, topP: 0 },
  sampling2: { temperature: 1, topK: 0, topP: 0.8 },
  masked: { steps: 8, choiceTemperature: 4.5 },
  seed: 0,
  count: 16,
  classes: [],
}

export function pretendEngine({ library, runs, images, pace }: Pretence): EngineConnection {
  const all = new Map<string, WorkspaceRun>()
  const listeners = new Map<string, Set<(...args: never[]) => void>>()
  const tell = <E extends keyof EngineEvents>(event: E, ...args: Parameters<EngineEvents[E]>) =>
    listeners.get(event)?.forEach((listener) => listener(...(args as unknown as never[])))
  const put = (run: WorkspaceRun) => {
    all.set(run.id, run)
    tell('runChanged', run)
  }
  for (let i = 0; i < runs; i++) {
    const request: SampleRequest = {
      ...REQUEST,
      seed: i,
      count: images,
      stage2: i % 2 ? 'nar' : 'ar',
      classes: i % 3 === 1 ? library.classNames.map((_, index) => index) : [],
    }
    const started = new Date(Date.UTC(2026, 10, 20) - i * 5_000_000).toISOString()
    put({
      id: `run-${i}`,
      started,
      request,
      finished: images,
      status: { state: 'done', finished: images, summary: '' },
    })
  }
  const entry = (run: WorkspaceRun, image: number) => {
    const classes = run.request?.classes ?? []
    return { image, ...(classes.length > 0 ? { class: classes[image % classes.length]! } : {}) }
  }
  const work = async (id: string) => {
    const { request } = all.get(id)!
    for (let image = 0; image < request!.count; image += request!.batchSize) {
      const batch = Math.min(request!.batchSize, request!.count - image)
      for (const stage of ['discriminative', 'codes'] as const)
        for (let done = 16; done <= 256; done += 16) {
          await new Promise((resolve) => setTimeout(resolve, pace))
          if (all.get(id)!.status.state === 'cancelled') return
          const share = (done / 256 + (stage === 'codes' ? 1 : 0)) / 2
          const note = stage === 'codes' ? 'stage 2' : 'stage 1'
          const step = image + batch * share
          put({ ...all.get(id)!, status: { state: 'running', step, of: request!.count, note } })
          const grids = Array.from({ length: batch }, (_, i) => {
            const tokens = Int16Array.from(tokensOf(request!.seed, image + i, stage))
            return { image: image + i, tokens: tokens.fill(-1, done) }
          })
          tell('preview', { run: id, stage, done, images: grids })
        }
      for (let i = image; i < image + batch; i++) {
        put({ ...all.get(id)!, finished: i + 1 })
        tell('imageFinished', id, entry(all.get(id)!, i))
      }
    }
    put({ ...all.get(id)!, status: { state: 'done', finished: request!.count, summary: '' } })
  }
  const api: EngineApi = {
    snapshot: async () => ({
      app: { name: 'digit-workbench', version: '0.1.0' },
      library,
      runs: [...all.values()],
    }),
    async startSample(request) {
      if (request.seed === 13)
        throw new Error('runs/run-13: there is no room left on this disk (0 bytes of 4.1 MB)')
      const id = `run-${all.size}`
      put({ id, started: new Date().toISOString(), request, finished: 0, status: { state: 'queued' } })
      void work(id)
      return id
    },
    async cancelRun(id) {
      const run = all.get(id)!
      put({ ...run, status: { state: 'cancelled', finished: run.finished } })
    },
    listImages: async (id) =>
      Array.from({ length: all.get(id)!.finished }, (_, image) => entry(all.get(id)!, image)),
    readImage: (id, image) => drawImage(tokensOf(all.get(id)!.request!.seed, image, 'codes')),
    readRecord: async (id, image) => recordOf(all.get(id)!, entry(all.get(id)!, image)),
    reopenModels: async () => {},
  }
  return {
    api,
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
    },
    onState: (watcher) => void setTimeout(() => watcher('connected')),
  }
}

/** Blobs of neighbouring tokens, another for each seed and image. */
function tokensOf(seed: number, image: number, stage: 'discriminative' | 'codes'): number[] {
  const shift = seed * 7 + image * 3 + (stage === 'codes' ? 100 : 0)
  return Array.from({ length: 256 }, (_, i) => {
    const [x, y] = [i % 16, Math.floor(i / 16)]
    const wave = Math.sin((x + shift) / 3) + Math.cos((y - shift) / 2.5) + Math.sin((x + y) / 4)
    return Math.abs(Math.round(wave * 6) * 17 + shift) % 512
  })
}

const drawn = new Map<number, Promise<Uint8Array>>()

/** A few pictures for all images: encoding one takes a browser without GPU a tenth of a second. */
function drawImage(tokens: number[]): Promise<Uint8Array> {
  const key = tokens[0]! % 4
  if (!drawn.has(key)) drawn.set(key, encodeImage(tokens))
  return drawn.get(key)!
}

async function encodeImage(tokens: number[]): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(16, 16)
  canvas.getContext('2d')!.putImageData(new ImageData(clusterPixels(tokens, 'full'), 16, 16), 0, 0)
  return new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())
}

function recordOf(run: WorkspaceRun, entry: { image: number; class?: number }): ImageDetails {
  const request = run.request!
  const grid = (stage: 'discriminative' | 'codes') => {
    const tokens = Int32Array.from(tokensOf(request.seed, entry.image, stage))
    return {
      tokens,
      logProbabilities: Float32Array.from(tokens, (token) => -((token % 70) / 9) - 0.01),
      ranks: Int32Array.from(tokens, (token) => (token * token) % 300),
      entropies: Float32Array.from(tokens, (token) => (token % 50) / 10),
      ...(stage === 'codes' && request.stage2 === 'nar'
        ? { steps: Int32Array.from(tokens, (t) => t % 8) }
        : {}),
    }
  }
  return {
    ...entry,
    discriminative: grid('discriminative'),
    codes: grid('codes'),
    recipe: {
      seed: request.seed,
      stage1: { kind: 'stage1', sha256: 'ab'.repeat(32), sampling: request.sampling1 },
      stage2: {
        kind: `stage2-${request.stage2}`,
        sha256: 'cd'.repeat(32),
        sampling: request.sampling2,
        ...(request.stage2 === 'nar' ? { masked: request.masked } : {}),
      },
      vqgan: 'ef'.repeat(32),
      weightBits: 32,
      provider: 'cpu',
    },
  }
}
