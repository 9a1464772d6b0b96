// Rows -> their coordinates along the directions of largest variance. Lanczos iteration in float64, no matrix of D x D.
// Source of the method: Golub and Van Loan, Matrix Computations, 10.1 and 10.3.5 (complete reorthogonalization), 8.5
// (Jacobi). N = rows, D = width, m = iterations.

/** A direction has converged when its residual is this small, relative to the largest variance. */
const TOLERANCE = 1e-8
/** Iterations between two tests of convergence, and at most. Up to this width, all directions are found exactly. */
const [TEST_EVERY, MOST, EXACT] = [8, 96, 64]
/** A variance below this, times N, is rounding error. */
const NOTHING = 1e-12

export interface PrincipalComponents {
  /** [D] */
  readonly mean: Float64Array
  /**
   * `count` unit vectors [D], by decreasing variance. The entry of largest magnitude is positive, which fixes the sign.
   */
  readonly directions: readonly Float64Array[]
  /** Variance along each, dividing by N. */
  readonly variances: readonly number[]
}

/** @param rows [N, D] */
export function principalComponents(rows: Float32Array, D: number, count: number): PrincipalComponents {
  const N = rows.length / D
  const mean = new Float64Array(D)
  for (let at = 0; at < rows.length; at += D) for (let i = 0; i < D; i++) mean[i]! += rows[at + i]! / N
  const wanted = Math.min(count, D)
  // The covariance in the basis of the Lanczos vectors: `alpha` on the diagonal, `beta` beside it.
  const basis: Float64Array[] = []
  const [alpha, beta]: [number[], number[]] = [[], []]
  const most = D <= EXACT ? D : Math.min(D, MOST)
  let next = startingDirection(D, basis)
  let found: Eigen
  for (;;) {
    basis.push(next)
    const image = covarianceTimes(rows, mean, next)
    alpha.push(dot(image, next))
    const length = withoutBasis(image, basis)
    const m = basis.length
    if (m === most) {
      found = eigenOf(alpha, beta)
      break
    }
    // All that the rows have in common with these vectors is found: another one may find more.
    const isEnd = length <= 1e-13 * Math.max(...alpha)
    if (isEnd && Math.max(...alpha) * N < NOTHING && m >= wanted) {
      found = eigenOf(alpha, beta)
      break
    }
    if (D > EXACT && m >= wanted && m % TEST_EVERY === 0) {
      found = eigenOf(alpha, beta)
      const residuals = found.vectors.slice(0, wanted).map((vector) => Math.abs(vector[m - 1]! * length))
      if (residuals.every((residual) => residual <= TOLERANCE * found.values[0]!)) break
    }
    beta.push(isEnd ? 0 : length)
    next = isEnd ? startingDirection(D, basis) : image.map((x) => x / length)
  }
  const directions = found.vectors.slice(0, wanted).map((vector) => signed(combined(basis, vector)))
  const variances = found.values.slice(0, wanted).map((value) => (value * N < NOTHING ? 0 : value))
  return { mean, directions, variances }
}

/** Coordinates [N, count] of rows along the directions. */
export function projectRows(rows: Float32Array, { mean, directions }: PrincipalComponents): Float32Array {
  const D = mean.length
  const N = rows.length / D
  const out = new Float32Array(N * directions.length)
  for (let row = 0; row < N; row++)
    for (const [c, direction] of directions.entries()) {
      let sum = 0
      for (let i = 0; i < D; i++) sum += (rows[row * D + i]! - mean[i]!) * direction[i]!
      out[row * directions.length + c] = sum
    }
  return out
}

/** Four sums at a time: the processor then does not wait for the one before. */
function covarianceTimes(rows: Float32Array, mean: Float64Array, v: Float64Array): Float64Array {
  const D = mean.length
  const N = rows.length / D
  const image = new Float64Array(D)
  const offset = dot(mean, v)
  const quads = D - (D % 4)
  let total = 0
  for (let at = 0; at < rows.length; at += D) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let i = 0; i < quads; i += 4) {
      a += rows[at + i]! * v[i]!
      b += rows[at + i + 1]! * v[i + 1]!
      c += rows[at + i + 2]! * v[i + 2]!
      d += rows[at + i + 3]! * v[i + 3]!
    }
    for (let i = quads; i < D; i++) a += rows[at + i]! * v[i]!
    const along = a + b + c + d - offset
    total += along
    for (let i = 0; i < D; i++) image[i]! += along * rows[at + i]!
  }
  for (let i = 0; i < D; i++) image[i] = (image[i]! - total * mean[i]!) / N
  return image
}

/** Removes what `v` has in common with orthonormal vectors, twice for the rounding; returns the length left. */
function withoutBasis(v: Float64Array, basis: readonly Float64Array[]): number {
  for (let pass = 0; pass < 2; pass++)
    for (const direction of basis) {
      const along = dot(v, direction)
      for (let i = 0; i < v.length; i++) v[i]! -= along * direction[i]!
    }
  return Math.sqrt(dot(v, v))
}

/** A unit vector with a component along every axis, or the first axis that the basis does not contain. */
function startingDirection(D: number, basis: readonly Float64Array[]): Float64Array {
  for (let axis = -1; axis < D; axis++) {
    const v = Float64Array.from({ length: D }, (_, i) => (axis < 0 ? Math.sin(i + 1) : Number(i === axis)))
    const before = Math.sqrt(dot(v, v))
    const length = withoutBasis(v, basis)
    if (length > 1e-6 * before) return v.map((x) => x / length)
  }
  throw new Error(`no direction left beside ${basis.length} of ${D}`)
}

interface Eigen {
  /** Decreasing. */
  readonly values: readonly number[]
  /** Unit vectors [m] in the same order. */
  readonly vectors: readonly Float64Array[]
}

/** Eigenvectors of a symmetric tridiagonal matrix [m, m], by cyclic Jacobi rotations. */
function eigenOf(diagonal: readonly number[], beside: readonly number[]): Eigen {
  const m = diagonal.length
  const matrix = diagonal.map((value, i) => {
    const row = new Float64Array(m)
    row[i] = value
    if (i > 0) row[i - 1] = beside[i - 1]!
    if (i + 1 < m) row[i + 1] = beside[i]!
    return row
  })
  const vectors = diagonal.map((_, i) => Float64Array.from({ length: m }, (__, j) => Number(i === j)))
  const size = Math.sqrt(matrix.reduce((sum, row) => sum + dot(row, row), 0))
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0
    for (let p = 0; p < m; p++)
      for (let q = p + 1; q < m; q++) {
        off += matrix[p]![q]! ** 2
        if (Math.abs(matrix[p]![q]!) > 1e-17 * size) rotate(matrix, vectors, p, q)
      }
    if (Math.sqrt(off) <= 1e-15 * size) break
  }
  const order = diagonal.map((_, i) => i).sort((a, b) => matrix[b]![b]! - matrix[a]![a]!)
  return { values: order.map((i) => matrix[i]![i]!), vectors: order.map((i) => vectors[i]!) }
}

/** Makes matrix[p][q] zero; row i of `vectors` is the eigenvector of value i. */
function rotate(matrix: Float64Array[], vectors: Float64Array[], p: number, q: number): void {
  const [rowP, rowQ] = [matrix[p]!, matrix[q]!]
  const theta = (rowQ[q]! - rowP[p]!) / (2 * rowP[q]!)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  const turn = (a: Float64Array, b: Float64Array) => {
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i]!, b[i]!]
      a[i] = c * x - s * y
      b[i] = s * x + c * y
    }
  }
  turn(rowP, rowQ)
  for (const row of matrix) {
    const [x, y] = [row[p]!, row[q]!]
    row[p] = c * x - s * y
    row[q] = s * x + c * y
  }
  turn(vectors[p]!, vectors[q]!)
}

/** The sum of the basis, weighted; a unit vector [D]. */
function combined(basis: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0]!.length)
  basis.forEach((vector, j) => {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[j]! * vector[i]!
  })
  const length = Math.sqrt(dot(sum, sum))
  return sum.map((x) => x / length)
}

function signed(v: Float64Array): Float64Array {
  const largest = v.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
  return largest < 0 ? v.map((x) => -x) : v
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
