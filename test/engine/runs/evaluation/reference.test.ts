// Statistics that are given as a reference: what is no mean and covariance is refused before any distance is computed.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeNpz } from '../../../../src/engine/bytes/index.ts'
import { readReference } from '../../../../src/engine/runs/evaluation/reference.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

const folder = temporaryFolder()
const MU = Float64Array.of(1, 2)

async function written(name: string, sigma: Float64Array | Float32Array, side = 2): Promise<string> {
  const path = join(folder.path, `${name}.npz`)
  await writeNpz(path, { mu: { data: MU }, sigma: { data: sigma, shape: [side, sigma.length / side] } })
  return path
}

it('reads a covariance with the rounding errors of float32 statistics', async () => {
  const { features } = await readReference(await written('good', Float32Array.of(4, 1.00001, 1, 9)))
  expect([...features.mean]).toEqual([1, 2])
  expect([...features.covariance.data]).toEqual([4, Math.fround(1.00001), 1, 9])
})

it.each([
  ['asymmetric', Float64Array.of(4, 1, -1, 9), 'sigma: not symmetric (found -1 at [1, 0] and 1 at [0, 1])'],
  ['negative', Float64Array.of(4, 0, 0, -9), 'sigma: negative variance (found -9 at [1, 1])'],
  ['not-a-number', Float64Array.of(4, NaN, NaN, 9), 'sigma contains NaN at element 1'],
  ['infinite', Float64Array.of(4, 0, 0, Infinity), 'sigma contains Infinity at element 3'],
])('refuses a covariance with a problem: %s', async (name, sigma, message) => {
  await expect(readReference(await written(name, sigma))).rejects.toThrow(`${name}.npz: ${message}`)
})

it('refuses a covariance whose size differs from that of the mean', async () => {
  await expect(readReference(await written('size', new Float64Array(9), 3))).rejects.toThrow(
    'wrong shapes: mu [2], sigma [3, 3] (expected [D] and [D, D])',
  )
})
