// The demo's codebook as points of a plane, each with the class whose samples it is drawn most for.
import { openFile } from '../../src/engine/bytes/source.ts'
import { readNpy } from '../../src/engine/bytes/npy.ts'
import type { ImageRecord } from '../../src/engine/runs/image-record.ts'
import { umapPlane } from '../../src/engine/tokens/codebook-map.ts'

const NEIGHBOURS = 15

/** [x, y, group] of every entry: the place of the class among `classes`, behind them 'other', 'not drawn'. */
export async function codebookPoints(
  path: string,
  records: readonly ImageRecord[],
  classes: readonly number[],
): Promise<[number, number, number][]> {
  const source = await openFile(path)
  const { data, shape } = await readNpy(source)
  await source.close()
  const [K, D] = shape as [number, number]
  const { neighbours, distances } = nearest(data as Float32Array, K, D)
  const plane = await umapPlane(K, neighbours, distances, { seed: 0, onEpoch: async () => {} })
  const groups = mostDrawnFor(records, K, classes)
  return Array.from({ length: K }, (_, k) => [
    Math.round(plane[2 * k]! * 1000) / 1000,
    Math.round(plane[2 * k + 1]! * 1000) / 1000,
    groups[k]!,
  ])
}

function nearest(rows: Float32Array, K: number, D: number) {
  const neighbours = new Int32Array(K * NEIGHBOURS)
  const distances = new Float32Array(K * NEIGHBOURS)
  for (let k = 0; k < K; k++) {
    const all = Array.from({ length: K }, (_, other): [number, number] => {
      let sum = 0
      for (let d = 0; d < D; d++) sum += (rows[k * D + d]! - rows[other * D + d]!) ** 2
      return [Math.sqrt(sum), other]
    })
    const near = all.filter(([, other]) => other !== k).sort(([a], [b]) => a - b)
    near.slice(0, NEIGHBOURS).forEach(([distance, other], i) => {
      neighbours[k * NEIGHBOURS + i] = other
      distances[k * NEIGHBOURS + i] = distance
    })
  }
  return { neighbours, distances }
}

function mostDrawnFor(records: readonly ImageRecord[], K: number, classes: readonly number[]): number[] {
  const counts = Array.from({ length: K }, () => new Map<number, number>())
  for (const { class: label = -1, discriminative } of records)
    for (const token of discriminative?.tokens ?? [])
      counts[token]!.set(label, (counts[token]!.get(label) ?? 0) + 1)
  return counts.map((byClass) => {
    const [most] = [...byClass].sort(([, a], [, b]) => b - a)
    if (!most) return classes.length + 1
    const place = classes.indexOf(most[0])
    return place < 0 ? classes.length : place
  })
}
