// UMAP in a thread of its own: the same plane as in the process, and gone at once when it is no longer wanted.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { BUILT } from '../../../built.ts'
import { layOutApart, type LayOut } from '../../../../src/engine/runs/atlas/atlas-umap.ts'
import { umapPlane } from '../../../../src/engine/tokens/codebook-map.ts'

const K = 300
const COUNT = 8
const neighbours = Int32Array.from(
  { length: K * COUNT },
  (_, i) => (Math.floor(i / COUNT) + (i % COUNT) + 1) % K,
)
const distances = Float32Array.from({ length: K * COUNT }, (_, i) => 1 + (i % COUNT) / 3)
const apart = layOutApart(pathToFileURL(BUILT.umap))
const planeBy = (
  layOut: LayOut,
  signal = new AbortController().signal,
  onEpoch = (_: number, _of: number) => {},
) => layOut(K, neighbours, distances, { seed: 7, signal, onEpoch })

it('a thread gives the same plane as this process, epoch by epoch', async () => {
  const epochs: [number, number][] = []
  const plane = await planeBy(apart, undefined, (epoch, of) => epochs.push([epoch, of]))
  expect(plane).toEqual(await planeBy(umapPlane))
  expect(plane).toHaveLength(2 * K)
  expect(epochs.map(([epoch]) => epoch)).toEqual(epochs.map((_, i) => i + 1))
  expect(epochs.length).toBe(epochs[0]![1])
})

it.each([apart, umapPlane])('stops when cancelled', async (layOut) => {
  const controller = new AbortController()
  const working = planeBy(
    layOut,
    controller.signal,
    (epoch) => epoch === 3 && controller.abort(new Error('enough')),
  )
  await expect(working).rejects.toThrow('enough')
})

it('reports why its thread cannot be started', async () => {
  const missing = layOutApart(pathToFileURL(resolve('out/not-there.js')))
  await expect(planeBy(missing)).rejects.toThrow('not-there.js')
})
