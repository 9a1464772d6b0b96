// The part of the contract for likelihoods of the workspace: started, cancelled, resumed, listed.
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { LikelihoodSpec } from '../../../shared/evaluation/likelihood.ts'
import type { LikelihoodApi, WorkspaceLikelihood } from '../../../shared/evaluation/likelihoods.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import { inUse, lockHolder } from '../../records/folder-lock.ts'
import { demoPictures, setPath } from '../../workspace/image-sets.ts'
import {
  findLikelihoods,
  likelihoodFolder,
  readLikelihood,
  saveLikelihoodRequest,
  type FoundLikelihood,
} from '../../workspace/likelihoods.ts'
import type { EngineContext } from '../context.ts'
import { isOpen, jobsOf } from '../jobs.ts'
import { newId } from '../new-id.ts'

export function likelihoodCalls({
  workspace,
  queue,
  openJobs,
  modelsInUse,
  events,
}: EngineContext): LikelihoodApi {
  const jobs = jobsOf<undefined, WorkspaceLikelihood>({
    noun: 'likelihood',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeLikelihood', args: [id] }) },
    show: async (id, job) => {
      const found = await readLikelihood(workspace, id)
      const elsewhere = job ? undefined : (await lockHolder(join(found.folder, '.lock')))?.who
      return likelihoodForPage(found, job?.status, elsewhere)
    },
    changed: events.likelihoodChanged,
  })
  const begin = async (id: string, spec: LikelihoodSpec) => {
    const hidden = [...modelsInUse().folders, dirname(spec.out), dirname(spec.images)]
    await jobs.start(id, { subject: undefined, steps: [queue.recipe(spec)], hidden })
  }
  return {
    async listLikelihoods() {
      const found = await jobs.list((await findLikelihoods(workspace)).map(({ id }) => id))
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async startLikelihood({ images, ...how }) {
      const { fields } = modelsInUse()
      const id = newId()
      const out = likelihoodFolder(workspace, id)
      const path = await setPath(workspace, images)
      const place = images.kind === 'run' ? join(path, 'images') : path
      const spec: LikelihoodSpec = { kind: 'likelihood', ...how, ...fields, out, images: place }
      await saveLikelihoodRequest(workspace, id, spec)
      await begin(id, spec)
      return id
    },
    cancelLikelihood: jobs.cancel,
    async resumeLikelihood(id) {
      const { spec, folder } = await readLikelihood(workspace, id)
      const holder = await lockHolder(join(folder, '.lock'))
      if (holder)
        throw new RequestError(
          inUse(`likelihood '${id}'`, holder, 'wait until it has finished', '.lock in its folder'),
        )
      await begin(id, { ...spec, ...modelsInUse().fields, out: folder })
    },
  }
}

function likelihoodForPage(
  { id, started, spec, record }: FoundLikelihood,
  live: RunStatus | undefined,
  elsewhere: string | undefined,
): WorkspaceLikelihood {
  const finished = record?.stages ? record.images : 0
  const done: RunStatus = { state: 'done', finished, summary: `${finished} images` }
  const working: RunStatus = elsewhere
    ? { state: 'running', step: 0, of: 1, note: `in use by ${elsewhere}` }
    : { state: 'cancelled', finished }
  const isShown = isOpen(live) || live?.state === 'failed'
  return Object.freeze({
    id,
    started,
    images: spec.images === demoPictures() ? 'Demo pictures' : basename(spec.images),
    conditional: spec.conditional === true,
    count: record?.images ?? 0,
    models: record?.models ?? {},
    ...(record?.stages ? { stages: record.stages } : {}),
    status: isShown ? live! : record?.stages ? done : working,
    ...(elsewhere && !live ? { elsewhere: true } : {}),
  })
}
