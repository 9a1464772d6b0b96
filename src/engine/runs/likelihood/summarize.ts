// Log-probabilities of all tokens -> bits per token: overall with an error, by place, by class.
import type { StageLikelihood } from '../../../shared/evaluation/likelihood.ts'

/** @param values natural logarithms [images, cells]. Throws RangeError for values that are not finite. */
export function summarize(
  values: Float32Array,
  cells: number,
  vocabulary: number,
  labels: readonly (number | undefined)[] | undefined,
  names: readonly string[],
): StageLikelihood {
  const images = values.length / cells
  const odd = values.findIndex((value) => !Number.isFinite(value))
  if (odd >= 0)
    throw new RangeError(
      `image ${Math.floor(odd / cells)}, cell ${odd % cells}: log-probability is ${values[odd]}`,
    )
  const ofImage = Array.from({ length: images }, (_, i) =>
    mean(Array.from(values.subarray(i * cells, (i + 1) * cells), bitsOf)),
  )
  const bits = mean(ofImage)
  const squares = ofImage.reduce((sum, value) => sum + (value - bits) ** 2, 0)
  const present = labels ? [...new Set(labels as readonly number[])].sort((a, b) => a - b) : []
  return {
    bits,
    error: images > 1 ? Math.sqrt(squares / (images - 1) / images) : 0,
    uniform: Math.log2(vocabulary),
    places: Array.from({ length: cells }, (_, cell) =>
      mean(Array.from({ length: images }, (_, i) => bitsOf(values[i * cells + cell]!))),
    ),
    classes: present.map((label) => {
      const own = ofImage.filter((_, i) => labels![i] === label)
      const name = names[label]
      return { class: label, ...(name === undefined ? {} : { name }), n: own.length, bits: mean(own) }
    }),
  }
}

const bitsOf = (logProbability: number) => -logProbability / Math.LN2
const mean = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0) / all.length
