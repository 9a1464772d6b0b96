// The linear classifier against torch's SGD on the same features, in the same order, in float64.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gatherRows, matrix, rowsInMemory } from '../../../src/engine/metrics/index.ts'
import {
  cosineRate,
  probeAccuracy,
  probeTrainer,
  trainLinearProbe,
} from '../../../src/engine/metrics/linear-probe.ts'
import { maxDifference } from '../models/run-graph.ts'
import { formulaFeatures, uniform, X } from './formula.ts'

const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/metrics/linear-probe.json'), 'utf8'),
)
/** Of make-released-probe.py. */
const released = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/metrics/released-probe.json'), 'utf8'),
)
const D = 8
const training = { classes: 3, epochs: 4, batch: 16, learningRate: 0.3, momentum: 0.9, seed: 11 }
const features = rowsInMemory(formulaFeatures(50, D, X), D)
const labels = Array.from({ length: 50 }, (_, i) => i % 3)

test('weights, bias and accuracy match torch', async () => {
  const probe = await trainLinearProbe(features, labels, training)
  expect(maxDifference(probe.weight.data, expected.weight)).toBeLessThan(1e-12)
  expect(maxDifference(probe.bias, expected.bias)).toBeLessThan(1e-12)
  expect(await probeAccuracy(probe, features, labels)).toBeCloseTo(expected.accuracy, 12)
})

test('updates of features as they are match the formulas of gradient, momentum and schedule', async () => {
  const weight = matrix(3, D)
  weight.data.set(uniform(3 * D, 7).map((value) => 0.01 * value))
  const trainer = probeTrainer({
    weight,
    bias: new Float64Array(3),
    mean: new Float64Array(D),
    deviation: new Float64Array(D).fill(1),
  })
  for (let step = 0; step < 12; step++) {
    const chosen = Array.from({ length: 10 }, (_, i) => (step * 10 + i) % 50)
    const own = chosen.map((image) => labels[image]!)
    const how = { momentum: 0.9, rate: cosineRate(0.4, step, 12) }
    await trainer.step(await gatherRows(features, chosen), own, how)
  }
  expect(maxDifference(trainer.probe.weight.data, released.weight)).toBeLessThan(1e-12)
  expect(maxDifference(trainer.probe.bias, released.bias)).toBeLessThan(1e-12)
})

test('separable classes are learned, and a constant feature does no harm', async () => {
  const apart = Float32Array.from({ length: 60 * 3 }, (_, at) =>
    at % 3 === 2 ? 7 : Math.floor(at / 3) % 2 === 0 ? 1 : -1,
  )
  const rows = rowsInMemory(apart, 3)
  const two = Array.from({ length: 60 }, (_, i) => i % 2)
  const probe = await trainLinearProbe(rows, two, { ...training, classes: 2 })
  expect(await probeAccuracy(probe, rows, two)).toBe(1)
})

test('refuses labels that do not match the features or classes', async () => {
  await expect(trainLinearProbe(features, [0, 1], training)).rejects.toThrow(
    'labels do not match (found 2 for 50 images, classes 0 to 2)',
  )
  await expect(trainLinearProbe(features, labels, { ...training, classes: 2 })).rejects.toThrow(
    'labels do not match (found 50 for 50 images, classes 0 to 1)',
  )
})

test('a training that diverges has no accuracy', async () => {
  const diverging = { ...training, learningRate: 1e308, momentum: 0.99 }
  await expect(trainLinearProbe(features, labels, diverging)).rejects.toThrow(
    'linear probe: the classifier diverged (found weights that are not finite at learning rate 1e+308',
  )
})
