// The part of the contract for K-Means codebooks of the workspace: trained here or in SLURM, and opened.
import { basename, dirname, join } from 'node:path'
import type { KMeansApi, TrainedCodebook } from '../../../shared/atlas/trained-codebooks.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { KMeansSpec, RunStatus } from '../../../shared/run/run.ts'
import type { Where } from '../../../shared/slurm/submission.ts'
import { inUse, lockHolder } from '../../records/folder-lock.ts'
import { codebookName } from '../../runs/kmeans/kmeans-report.ts'
import { demoPictures, setPath } from '../../workspace/image-sets.ts'
import {
  findKMeans,
  kmeansFolder,
  readKMeans,
  saveKMeansRequest,
  type FoundKMeans,
} from '../../workspace/trained-codebooks.ts'
import type { EngineContext } from '../context.ts'
import { isOpen, jobsOf } from '../jobs.ts'
import { newId } from '../new-id.ts'

/** As in the release: points a centroid, and the seed of `digit kmeans`. */
const [MAX_POINTS, SEED, PICTURES_AT_ONCE] = [256, 1234, 8]

interface Options extends EngineContext {
  readonly addModels: (paths: readonly string[]) => Promise<unknown>
}

export function kmeansCalls({
  workspace,
  queue,
  places,
  openJobs,
  modelsInUse,
  events,
  addModels,
}: Options): KMeansApi {
  const jobs = jobsOf<undefined, TrainedCodebook>({
    noun: 'codebook',
    line: queue.line,
    later: { open: openJobs, call: ({ id }) => ({ call: 'resumeKMeans', args: [id] }) },
    show: async (id, job) => forPage(await readKMeans(workspace, id), job?.status),
    changed: events.kmeansChanged,
  })
  const begin = async (id: string, spec: KMeansSpec, where: Where | undefined) => {
    const placed = await places.place([spec], where)
    const hidden = [...modelsInUse().folders, dirname(spec.out), ...spec.images.map((path) => dirname(path))]
    await jobs.start(id, { subject: undefined, ...placed, hidden })
  }
  return {
    async listTrainedCodebooks() {
      const found = await jobs.list((await findKMeans(workspace)).map(({ id }) => id))
      return found.sort((a, b) => (a.started < b.started ? 1 : -1))
    },
    async startKMeans({ images, ...how }, where) {
      const { fields } = modelsInUse()
      const id = newId()
      const path = await setPath(workspace, images)
      const spec: KMeansSpec = {
        kind: 'kmeans',
        ...fields,
        ...how,
        out: kmeansFolder(workspace, id),
        batchSize: PICTURES_AT_ONCE,
        images: [images.kind === 'run' ? join(path, 'images') : path],
        restarts: 1,
        maxPointsPerCentroid: MAX_POINTS,
        seed: SEED,
        pictures: 1,
        patches: 1,
        augment: true,
      }
      await saveKMeansRequest(workspace, id, spec)
      await begin(id, spec, where)
      return id
    },
    cancelKMeans: jobs.cancel,
    async resumeKMeans(id) {
      const { spec, folder } = await readKMeans(workspace, id)
      const holder = await lockHolder(join(folder, '.lock'))
      if (holder)
        throw new RequestError(
          inUse(`codebook '${id}'`, holder, 'wait until it has finished', '.lock in its folder'),
        )
      // Other models would give other features.
      await begin(id, { ...spec, out: folder }, undefined)
    },
    async openTrainedCodebook(id) {
      const { record, folder, spec } = await readKMeans(workspace, id)
      if (!record?.report) throw new RequestError(`codebook '${id}': not finished`)
      await addModels([join(folder, codebookName(spec.k))])
    },
  }
}

function forPage({ id, started, spec, record }: FoundKMeans, live: RunStatus | undefined): TrainedCodebook {
  const report = record?.report
  const isShown = isOpen(live) || live?.state === 'failed'
  const left: RunStatus = report
    ? { state: 'done', finished: spec.iterations, summary: `${spec.k} clusters` }
    : { state: 'cancelled', finished: 0 }
  const [images = ''] = spec.images
  return Object.freeze({
    id,
    started,
    images: images === demoPictures() ? 'Demo pictures' : basename(images),
    k: spec.k,
    iterations: spec.iterations,
    status: isShown ? live! : left,
    ...(report
      ? {
          result: {
            quantisationError: report.quantisationError,
            points: report.points.trained,
            dead: report.deadClusters.length,
          },
        }
      : {}),
  })
}
