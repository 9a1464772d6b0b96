// The part of the contract that compares two codebooks: a job for each pair of atlases, its result on disk.
import { join } from 'node:path'
import type { RunSpec, RunState, RunStatus } from '../../../shared/run/run.ts'
import type { AtlasPair, CodebooksApi, CodebooksEvents } from '../../../shared/atlas/codebook-comparisons.ts'
import { codebooksSpec, readComparison } from '../../workspace/codebook-comparisons.ts'
import { withoutFolders } from '../folders.ts'

export interface CodebooksOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  /** Stops any run of this process. */
  readonly cancel: (id: string) => Promise<void>
  readonly events: CodebooksEvents
}

/** The job of a pair in the queue; no run of the workspace has such an id. */
const queued = ({ a, b }: AtlasPair) => `codebooks:${a}--${b}`

export function codebooksCalls({ workspace, enqueue, cancel, events }: CodebooksOptions) {
  const pairs = new Map<string, AtlasPair>()
  const calls: CodebooksApi = {
    async startCodebooks(pair) {
      const id = queued(pair)
      if (pairs.has(id)) return
      pairs.set(id, pair)
      try {
        enqueue(id, await codebooksSpec(workspace, pair))
      } catch (error) {
        pairs.delete(id)
        throw error
      }
    },
    async cancelCodebooks(pair) {
      if (pairs.has(queued(pair))) await cancel(queued(pair))
    },
    readCodebooks: (pair) => readComparison(workspace, pair),
  }
  return {
    calls,
    /** Hears of every run of this process. */
    stateChanged({ id, status }: RunState): void {
      const pair = pairs.get(id)
      if (!pair) return
      if (status.state !== 'queued' && status.state !== 'running') pairs.delete(id)
      events.codebooksChanged({ ...pair, status: withoutPlaces(status, workspace) })
    },
  }
}

/** Names in place of whole paths. */
function withoutPlaces(status: RunStatus, workspace: string): RunStatus {
  const places = ['comparisons', 'tokens', 'atlases'].map((name) => join(workspace, name))
  if (status.state === 'done') return { ...status, summary: withoutFolders(status.summary, places) }
  if (status.state === 'running') return { ...status, note: withoutFolders(status.note, places) }
  if (status.state !== 'failed') return status
  const { name, message } = status.error
  return { ...status, error: { name, message: withoutFolders(message, places) } }
}
