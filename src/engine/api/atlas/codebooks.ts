// The part of the contract that compares two codebooks: a job for each pair of atlases, its result on disk.
import { join } from 'node:path'
import type { AtlasPair, CodebooksApi, ComparisonWork } from '../../../shared/atlas/codebook-comparisons.ts'
import { codebooksSpec, readComparison } from '../../workspace/codebook-comparisons.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf } from '../jobs.ts'

const jobId = ({ a, b }: AtlasPair) => `${a}--${b}`

export function codebooksCalls({ workspace, queue, openJobs, events }: EngineContext): CodebooksApi {
  const jobs = jobsOf<AtlasPair, ComparisonWork>({
    noun: 'comparison',
    line: queue.line,
    later: { open: openJobs, call: ({ subject }) => ({ call: 'startCodebooks', args: [subject] }) },
    show: (_, job) => ({ ...job!.subject, status: job!.status }),
    changed: events.codebooksChanged,
  })
  const hidden = ['comparisons', 'tokens', 'atlases'].map((name) => join(workspace, name))
  return {
    async startCodebooks(pair) {
      const id = jobId(pair)
      if (jobs.isOpen(id)) return
      const spec = await codebooksSpec(workspace, pair)
      if (!jobs.isOpen(id)) await jobs.start(id, { subject: pair, steps: [queue.recipe(spec)], hidden })
    },
    cancelCodebooks: (pair) => jobs.cancel(jobId(pair)),
    readCodebooks: (pair) => readComparison(workspace, pair),
  }
}
