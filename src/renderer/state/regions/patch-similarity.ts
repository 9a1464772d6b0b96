// Patch features -> cosine similarity of each to one of them.

/** A patch's own features. */
export const patchOf = (features: Float32Array, width: number, cell: number): Float32Array =>
  features.subarray(cell * width, (cell + 1) * width)

/** Cosines [N] of patches [N, width] to a patch [width]: 1 identical direction, 0 unrelated; 0 for a zero vector. */
export function cosinesTo(features: Float32Array, patch: Float32Array): Float32Array {
  const width = patch.length
  const length = Math.sqrt(patch.reduce((sum, value) => sum + value * value, 0))
  return Float32Array.from({ length: features.length / width }, (_, cell) => {
    let [along, square] = [0, 0]
    for (let i = 0; i < width; i++) {
      const value = features[cell * width + i]!
      along += value * patch[i]!
      square += value * value
    }
    const product = length * Math.sqrt(square)
    return product === 0 ? 0 : along / product
  })
}
