// The thread that lays a codebook out with UMAP: one task in, epochs and the plane out. It never touches a device.
import { parentPort, workerData } from 'node:worker_threads'
import { umapPlane } from '../tokens/codebook-map.ts'
import type { UmapNews, UmapTask } from '../runs/atlas/atlas-umap.ts'

const { K, neighbours, distances, seed } = workerData as UmapTask
const tell = (news: UmapNews) => parentPort!.postMessage(news)
const plane = await umapPlane(K, neighbours, distances, {
  seed,
  // The thread is terminated when the layout is no longer needed.
  signal: new AbortController().signal,
  onEpoch: (epoch, of) => tell({ epoch, of }),
})
tell({ plane })
