// The demo's codebook fitted again from its pictures, compared with the shipped one on the same features.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesSource, readNpy } from '../../src/engine/bytes/index.ts'
import { openAssigner } from '../../src/engine/runs/kmeans/assign.ts'
import { openFeatures } from '../../src/engine/tokenizer/feature-shards.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { openModels } from '../../src/engine/model-set/open-models.ts'
import type { KMeansRecord } from '../../src/engine/runs/kmeans/kmeans.ts'
import { runKMeans } from '../../src/engine/runs/kmeans/kmeans.ts'
import { digits, type Row } from './table.ts'
import { timed } from './timing.ts'

const MOST = 1.02

/** Mean squared distance of a feature to its centroid, refitted and shipped. */
export async function measureRefit(root: string): Promise<Row> {
  const out = await mkdtemp(join(root, 'refit-'))
  const models = await openModels([demoFolder()])
  try {
    const { file, codes, width } = await models.open('codebook')
    const { ms } = await timed(() =>
      runKMeans(
        {
          kind: 'kmeans',
          model: demoFolder(),
          out,
          device: 'cpu',
          batchSize: 16,
          images: [join(demoFolder(), 'images')],
          k: codes,
          iterations: 20,
          restarts: 1,
          maxPointsPerCentroid: 256,
          seed: 1234,
          pictures: 1,
          patches: 1,
          augment: false,
        },
        { signal: new AbortController().signal, progress: () => {} },
      ),
    )
    const { report } = JSON.parse(await readFile(join(out, 'kmeans.json'), 'utf8')) as KMeansRecord
    const shards = (await readdir(join(out, 'features'))).filter((name) => name.endsWith('.npy')).sort()
    const features = await openFeatures(shards.map((name) => join(out, 'features', name)))
    const assigner = await openAssigner(width, codes, 'cpu')
    const shipped = await readNpy(bytesSource(file.path, await readFile(file.path)))
    const { objective } = await assigner.assign(
      features.batches(assigner.batch),
      Float32Array.from(shipped.data as Float32Array),
    )
    await assigner.close()
    await features.close()
    const [ours, theirs] = [report!.quantisationError, objective / features.count]
    return {
      name: `refit of the demo's ${codes} clusters`,
      text: `quantisation error ${digits(ours)}, shipped ${digits(theirs)}; ${features.count} features in ${digits(ms / 1000)} s`,
      numbers: { ours, theirs, ms },
      aims: [{ text: `<= ${MOST} of the shipped`, holds: ours <= MOST * theirs }],
    }
  } finally {
    await models.close()
    await rm(out, { recursive: true, force: true })
  }
}
