// Short calls run before the next chunk of a run; otherwise each file that they read would wait for a whole chunk.
import type { EngineApi } from '../../shared/contract/api.ts'

/** Calls that run between two chunks, because they are short and a page waits for them. */
export const QUESTIONS = [
  'snapshot',
  'listImages',
  'readImage',
  'readRecord',
  'readTokens',
  'readLogits',
  'readAttention',
  'readMasked',
  'readScalePicture',
  'readSweep',
  'readCluster',
  'readExamples',
  'readAtlasPicture',
  'findClusters',
  'readAtlasImage',
  'readPictureTokens',
  'readPatchFeatures',
  'readPatchColours',
  'readTokenColours',
  'readCodebookLabels',
  'readSquarePicture',
  'readSetPicture',
  'readNearest',
  'previewFigure',
  'paintFigure',
] as const satisfies readonly (keyof EngineApi)[]

type Call = (...args: never[]) => Promise<unknown>

export interface Precedence {
  /** The same calls; runs pause while one of them is pending. */
  first<Api extends Readonly<Record<Name, Call>>, Name extends string>(api: Api, names: readonly Name[]): Api
  /** Resolves when no such call is open, or after a time limit, because a busy page must not stop a run. */
  turn(): Promise<void>
}

/** How long a run waits at most between two chunks. */
const LONGEST_MS = 500

export function precedence(longest = LONGEST_MS): Precedence {
  let open = 0
  let waiting: (() => void)[] = []
  const answered = () => {
    if (--open > 0) return
    waiting.forEach((go) => go())
    waiting = []
  }
  const counted =
    (call: Call): Call =>
    async (...args) => {
      open++
      try {
        return await call(...args)
      } finally {
        answered()
      }
    }
  return {
    first: (api, names) => ({
      ...api,
      ...Object.fromEntries(names.map((name) => [name, counted(api[name])])),
    }),
    async turn() {
      // Calls that arrived meanwhile are received only now.
      await new Promise((resolve) => setImmediate(resolve))
      if (open === 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longest)
        waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
  }
}
