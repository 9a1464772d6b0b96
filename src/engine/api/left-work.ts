// Work left by an application that quits for its next start: unfinished.json in the workspace,
//   {schema: 1, calls: [{call: 'resumeRun', args: ['20261123-044438-5f0c']}, ...]}
// It is written when the application quits with open jobs, and removed by the start that resumes them.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineApi, EngineEvents, HostApi } from '../../shared/contract/api.ts'
import { ENGINE_CALLS } from '../../shared/contract/calls.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { RESUMING, type OpenJobs, type ResumingCall } from './open-jobs.ts'
import { parseJson } from '../../shared/plain-json.ts'

export interface LeftWorkOptions {
  readonly workspace: string
  readonly openJobs: OpenJobs
  readonly calls: Pick<EngineApi, ResumingCall['call']>
  readonly events: Pick<EngineEvents, 'workResumed'>
}

type LeftWorkCalls = Pick<HostApi, 'openWork' | 'leaveWork' | 'resumeWork'>

export function leftWorkCalls({ workspace, openJobs, calls, events }: LeftWorkOptions): LeftWorkCalls {
  const path = join(workspace, 'unfinished.json')
  const note = async (left: readonly ResumingCall[]) => {
    await makeFolder(workspace)
    await writeFileAtomic(path, `${JSON.stringify({ schema: 1, calls: left }, null, 2)}\n`)
  }
  return {
    openWork: async () => openJobs.size,
    async leaveWork() {
      const jobs = [...openJobs]
      if (jobs.length === 0) return
      // Jobs are cancelled before the note is written, because a busy engine writes only between two chunks.
      const stopped = jobs.map((job) => job.stop())
      await Promise.all([note(jobs.map(({ resume }) => resume)), ...stopped])
    },
    async resumeWork() {
      const left = readCalls(await readFile(path, 'utf8').catch(() => ''))
      // Removed first, so that work that crashes the engine is not started again by each new engine.
      await rm(path, { force: true })
      const problems: string[] = []
      for (const { call, args } of left)
        await (calls[call] as (...args: readonly unknown[]) => Promise<unknown>)(...args).catch(
          ({ message }: Error) => void problems.push(message),
        )
      if (left.length > 0) events.workResumed({ resumed: left.length - problems.length, problems })
    },
  }
}

/** Skips calls of other versions that this version does not know. */
function readCalls(text: string): readonly ResumingCall[] {
  try {
    const { calls } = parseJson(text) as { readonly calls: readonly ResumingCall[] }
    return calls.filter(
      (left) => RESUMING.includes(left?.call) && ENGINE_CALLS[left.call].safeParse(left.args).success,
    )
  } catch {
    return []
  }
}
