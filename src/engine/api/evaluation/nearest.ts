// The part of the contract that is about the real images nearest to each sample of a measurement.
import { dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import type { RunSpec, RunState } from '../../../shared/run/run.ts'
import type { EvaluationApi, EvaluationEvents, SetSource } from '../../../shared/evaluation/measurements.ts'
import { readNearest, setsAsTheyWere } from '../../runs/evaluation/nearest.ts'
import type { FoundMeasurement } from '../../workspace/measurements.ts'
import type { ComparisonFields } from './evaluation-jobs.ts'
import { statusWithoutFolders } from '../folders.ts'

export interface NearestOptions {
  readonly workspace: string
  readonly enqueue: (id: string, spec: RunSpec) => void
  readonly find: (measurement: string) => Promise<FoundMeasurement>
  readonly fieldsOf: (sets: {
    readonly samples: SetSource
    readonly reference: SetSource
    readonly protocol: FoundMeasurement['stamp']['metric']
  }) => Promise<ComparisonFields>
  readonly events: Pick<EvaluationEvents, 'nearestChanged'>
}

const PREFIX = 'nearest:'

export function nearestCalls({ workspace, enqueue, find, fieldsOf, events }: NearestOptions) {
  const folderOf = (id: string) => join(workspace, 'nearest', id)
  /** Folders that a page is not told, of the searches at work. */
  const searches = new Map<string, readonly string[]>()

  const calls: Pick<EvaluationApi, 'startNearest' | 'readNearest'> = {
    async startNearest(id) {
      if (searches.has(id)) return
      const { samples, reference, stamp } = await find(id)
      if (!reference) throw new RequestError('the reference of this measurement is not in the list of sets')
      const protocol = stamp.metric
      const fields = await fieldsOf({ samples, reference, protocol })
      searches.set(id, [workspace, dirname(fields.images), dirname(fields.reference)])
      const size = sizeOf(stamp.samples.crop)
      const sized = size === undefined ? {} : { size }
      enqueue(PREFIX + id, { kind: 'nearest', ...fields, ...sized, out: folderOf(id), protocol })
    },
    async readNearest(id) {
      const kept = await readNearest(folderOf(id))
      if (!kept) return undefined
      const { samples, reference, stamp } = await find(id)
      if (reference) {
        const { images, reference: real } = await fieldsOf({ samples, reference, protocol: stamp.metric })
        const changed = await setsAsTheyWere(kept.record, images, real)
        if (changed !== undefined)
          throw new RequestError(`${changed} has changed since it was measured: measure it again`)
      }
      return kept.found
    },
  }
  return {
    calls,
    /** Hears of every run of this process. */
    stateChanged({ id: run, status }: RunState): void {
      const id = run.startsWith(PREFIX) ? run.slice(PREFIX.length) : ''
      const folders = searches.get(id)
      if (!folders) return
      if (status.state !== 'queued' && status.state !== 'running') searches.delete(id)
      events.nearestChanged({ measurement: id, status: statusWithoutFolders(status, folders) })
    },
  }
}

/** The side that a stamp says images were brought to. */
const sizeOf = (crop: string): number | undefined => {
  const side = /^Resize\((\d+),/.exec(crop)?.[1]
  return side === undefined ? undefined : Number(side)
}
