// Answers and events in the order of what they say. The engine reads files while it makes a list, and an event of what
// changes meanwhile comes before the answer: heard then, the answer would put the older state back.
import type { EngineApi } from '../../../shared/contract/api.ts'
import type { EngineConnection } from '../../engine.ts'

/** Calls whose answers are a state that events change. */
const OF_STATE: ReadonlySet<keyof EngineApi> = new Set([
  'snapshot',
  'listImages',
  'listAtlases',
  'listSweeps',
  'readSweep',
  'listVerdicts',
  'listProbes',
  'listTrainedCodebooks',
  'listLikelihoods',
  'listMeasurements',
  'listEvaluations',
  'listImageSets',
])

/** The same engine; an event is heard after the answers of state that were open when it came. */
export function inOrder({ api, on, onState }: EngineConnection): EngineConnection {
  const open = new Set<Promise<unknown>>()
  const waiting: { readonly before: Set<Promise<unknown>>; readonly hear: () => void }[] = []
  const answered = (answer: Promise<unknown>) => {
    open.delete(answer)
    for (const { before } of waiting) before.delete(answer)
    while (waiting[0]?.before.size === 0) waiting.shift()!.hear()
  }
  const follow = (answer: Promise<unknown>) => {
    open.add(answer)
    // A task later, when whoever asked has put the answer in its place.
    const settled = () => void setTimeout(() => answered(answer))
    answer.then(settled, settled)
    return answer
  }
  return {
    api: new Proxy(api, {
      get(api, name: keyof EngineApi) {
        const call = api[name] as (...args: unknown[]) => Promise<unknown>
        return OF_STATE.has(name) ? (...args: unknown[]) => follow(call(...args)) : call
      },
    }),
    on(event, listener) {
      const heard = (...args: never[]) => {
        const hear = () => (listener as (...args: never[]) => void)(...args)
        if (open.size === 0 && waiting.length === 0) hear()
        else waiting.push({ before: new Set(open), hear })
      }
      on(event, heard as typeof listener)
    },
    onState,
  }
}
