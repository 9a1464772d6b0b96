// The smallest K-Means that is one: eight clusters of all patches, the same each time.
export const SMALL_KMEANS = {
  k: 8,
  iterations: 2,
  restarts: 1,
  maxPointsPerCentroid: 256,
  seed: 3,
  pictures: 1,
  patches: 1,
  augment: false,
}
