// The part of the contract for labels of clusters, which are stored in one file per codebook.
import type {
  ClusterLabel,
  ClusterLabels,
  LabelApi,
  LabelEvents,
} from '../../../shared/atlas/cluster-labels.ts'
import { basename, dirname } from 'node:path'
import type { Atlas } from '../../runs/atlas/atlas-read.ts'
import {
  changeClusterLabels,
  labelPlace,
  readClusterLabels,
  type LabelPlace,
} from '../../workspace/cluster-labels.ts'
import { withoutFolders } from '../folders.ts'

export interface LabelOptions {
  readonly workspace: string
  readonly openAtlas: (id: string) => Promise<Atlas>
  readonly events: LabelEvents
}

export function labelCalls({ workspace, openAtlas, events }: LabelOptions): LabelApi {
  const named = async <T>(place: LabelPlace, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, [dirname(place.path)])
      throw error
    }
  }
  const shown = (place: LabelPlace, labels: readonly ClusterLabel[]): ClusterLabels => ({
    labels,
    file: basename(place.path),
    beside: place.beside,
    ...(place.why === undefined ? {} : { why: place.why }),
  })
  return {
    async readLabels(id) {
      const place = await labelPlace((await openAtlas(id)).codebook, workspace)
      return shown(place, await named(place, () => readClusterLabels(place)))
    },
    async setLabels(id, edits) {
      const { codebook, info } = await openAtlas(id)
      const place = await labelPlace(codebook, workspace)
      const whole = { sha256: codebook.sha256, entries: info.entries }
      const labels = shown(place, await named(place, () => changeClusterLabels(place, whole, edits)))
      events.labelsChanged(id, labels)
      return labels
    },
  }
}
