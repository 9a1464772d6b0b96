// The part of the contract for linear probes of the workspace: started, cancelled, resumed, listed.
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { layersProbed, type ProbeSpec } from '../../../shared/evaluation/linear-probe.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import type { ProbeApi, WorkspaceProbe } from '../../../shared/evaluation/linear-probes.ts'
import { inUse, lockHolder } from '../../records/folder-lock.ts'
import {
  findProbes,
  probeFolder,
  readProbe,
  saveProbeRequest,
  type FoundProbe,
} from '../../workspace/linear-probes.ts'
import { demoPictures, setPath } from '../../workspace/image-sets.ts'
import type { EngineContext } from '../context.ts'
import { isOpen, jobsOf } from '../jobs.ts'
import { newId } from '../new-id.ts'

export function probeCalls({ workspace, queue, openJobs, modelsInUse, events }: EngineContext): ProbeApi {
  const jobs = jobsOf<undefined, WorkspaceProbe>({
    noun: 'probe',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeProbe', args: [id] }) },
    show: async (id, job) => {
      const found = await readProbe(workspace, id)
      const elsewhere = job ? undefined : (await lockHolder(join(found.folder, '.lock')))?.who
      return probeForPage(found, job?.status, elsewhere)
    },
    changed: events.probeChanged,
  })
  const begin = async (id: string, spec: ProbeSpec) => {
    const hidden = [...modelsInUse().folders, dirname(spec.out), dirname(spec.images)]
    const step = queue.recipe(spec, { partFinished: () => void jobs.report(id) })
    await jobs.start(id, { subject: undefined, steps: [step], hidden })
  }
  return {
    async listProbes() {
      const found = await jobs.list((await findProbes(workspace)).map(({ id }) => id))
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async startProbe({ images, ...training }) {
      const { fields } = modelsInUse()
      if (images.kind === 'run')
        throw new RequestError('a linear probe needs a folder of pictures with one subfolder per class')
      const id = newId()
      const out = probeFolder(workspace, id)
      const path = await setPath(workspace, images)
      const spec: ProbeSpec = { kind: 'probe', ...training, ...fields, out, images: path }
      await saveProbeRequest(workspace, id, spec)
      await begin(id, spec)
      return id
    },
    cancelProbe: jobs.cancel,
    async resumeProbe(id) {
      const { spec, folder } = await readProbe(workspace, id)
      const holder = await lockHolder(join(folder, '.lock'))
      if (holder) {
        const [thing, file] = [`linear probe '${id}'`, '.lock in the folder of the probe']
        throw new RequestError(inUse(thing, holder, 'wait until it has finished', file))
      }
      await begin(id, { ...spec, ...modelsInUse().fields, out: folder })
    },
  }
}

function probeForPage(
  { id, started, spec, record }: FoundProbe,
  live: RunStatus | undefined,
  elsewhere: string | undefined,
): WorkspaceProbe {
  const { recipe, epochs, updates, batch, learningRate, seed, images } = spec
  const asked = { recipe, epochs, updates, batch, learningRate, seed }
  const training = record?.training ?? asked
  const layers = record?.layers ?? []
  const { stage1 } = (record?.recipe ?? {}) as { readonly stage1?: unknown }
  const isDone = record !== undefined && layers.length >= layersProbed(training, record.depth)
  const working: RunStatus = elsewhere
    ? { state: 'running', step: 0, of: 1, note: `in use by ${elsewhere}` }
    : { state: 'cancelled', finished: layers.length }
  const done: RunStatus = { state: 'done', finished: layers.length, summary: `${layers.length} layers` }
  const isShown = isOpen(live) || live?.state === 'failed'
  return Object.freeze({
    id,
    started,
    images: images === demoPictures() ? 'Demo pictures' : basename(images),
    training,
    ...(record?.codes === undefined ? {} : { codes: record.codes }),
    stage1: typeof stage1 === 'string' ? stage1 : '',
    depth: record?.depth ?? 0,
    ...(record ? { counts: record.counts } : {}),
    layers,
    status: isShown ? live! : isDone ? done : working,
    ...(elsewhere && !live ? { elsewhere: true } : {}),
  })
}
