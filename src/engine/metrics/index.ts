export { codeUsage, type CodeUsage } from './code-usage.ts'
export { distanceConfidence, groupsFactor, type Confidence, type CurvePoint } from './confidence.ts'
export { authenticity, dataCopying, rankScore, type CopyingTest } from './data-copying.ts'
export {
  gatherRows,
  ranges,
  readMatrix,
  rowsBetween,
  rowsInMemory,
  ROWS_AT_ONCE,
  type FeatureRows,
} from './features.ts'
export { frechetDistance, frechetReference, type FrechetReference } from './frechet-distance.ts'
export { frechetOfRows } from './frechet-rows.ts'
export { inceptionScore, type Score, type Splits } from './inception-score.ts'
export { KERNEL_SUBSETS, kernelDistance, type KernelSubsets } from './kernel-distance.ts'
export { kernelError, type KernelError } from './kernel-error.ts'
export {
  matrix,
  plainMatrixProduct,
  type Matrix,
  type Pause,
  type MatrixProduct,
  type Work,
} from './matrix.ts'
export { CMMD_SCALE, CMMD_SIGMA, maximumMeanDiscrepancy } from './maximum-mean-discrepancy.ts'
export { nearestNeighbours, type Neighbours } from './neighbours.ts'
export {
  drawCounts,
  factorReference,
  intervalFactor,
  kernelToReference,
  pairedDifference,
  resampledFrechet,
  resampledKernel,
  type Difference,
  type FactoredReference,
  type Resampled,
} from './paired-bootstrap.ts'
export { psnr, ssim, SSIM_WINDOW, type Pixels } from './pixel-similarity.ts'
export { NEIGHBOURHOOD, precisionRecall, type PrecisionRecall } from './precision-recall.ts'
export { PROTOCOLS, type ExtractorName, type MetricName, type Protocol } from './protocols.ts'
export { studentQuantile } from '../../shared/quantiles.ts'
export { randomState, type RandomState } from './random-state.ts'
export {
  featuresToScatters,
  featuresToStatistics,
  joinScatters,
  rowsToScatter,
  scatterToStatistics,
  type Scatter,
  type Statistics,
} from './statistics.ts'
