// The bundled demo as its files say it is: tests and scripts name none of its classes, pictures or sizes.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ClusterLabel } from '../src/shared/atlas/cluster-labels.ts'
import { demoFolder } from '../src/engine/model-set/resources.ts'

const images = join(demoFolder(), 'images')

/** Names of its classes; the index is the class. */
export const DEMO_CLASSES = JSON.parse(
  readFileSync(join(demoFolder(), 'classes.json'), 'utf8'),
) as readonly string[]

/** The folder of a class's pictures. */
export const demoClassFolder = (label: number): string => join(images, readdirSync(images).sort()[label]!)

/** Path of the picture with this number in its class. */
export function demoPicture(label: number, number = 0): string {
  const folder = demoClassFolder(label)
  return join(folder, readdirSync(folder).sort()[number]!)
}

/** The K-Means centroids, from the demo's folder. */
export const DEMO_CODEBOOK = readdirSync(demoFolder(), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .find((path) => /\/km_\d+\.npy$/.test(path))!

/** Names of some clusters, by entry. */
export const DEMO_LABELS: ReadonlyMap<number, string> = new Map(
  readdirSync(dirname(join(demoFolder(), DEMO_CODEBOOK)))
    .filter((name) => name.endsWith('.clusters.json'))
    .flatMap((name) => {
      const path = join(dirname(join(demoFolder(), DEMO_CODEBOOK)), name)
      const { labels } = JSON.parse(readFileSync(path, 'utf8')) as { labels: readonly ClusterLabel[] }
      return labels.map(({ entry, label }): [number, string] => [entry, label])
    }),
)

/** Copies the first `each` pictures of every class to `folder`, by class; returns how many there are. */
export function writeDemoPictures(folder: string, each: number): number {
  for (const label of DEMO_CLASSES.keys()) {
    const from = demoClassFolder(label)
    const to = join(folder, from.slice(images.length))
    mkdirSync(to, { recursive: true })
    for (const file of readdirSync(from).sort().slice(0, each)) cpSync(join(from, file), join(to, file))
  }
  return each * DEMO_CLASSES.length
}
