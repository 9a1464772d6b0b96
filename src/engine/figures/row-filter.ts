// PNG's row filters, predictor 15 in PDF: each row as differences if those are smaller. Reference: PNG, third edition,
// 9 "Filtering".

const NONE = 0
const SUB = 1
const UP = 2
const CHANNELS = 3

/**
 * Rows of RGB pixels, each after its filter number: none, sub or up, whichever has the smallest sum of differences (the
 * heuristic of the PNG specification, 12.7).
 * @param above the row before the first, if any
 */
export function filteredRows(rgb: Uint8Array, width: number, above?: Uint8Array): Buffer {
  const stride = width * CHANNELS
  const rows = rgb.length / stride
  const out = Buffer.allocUnsafe(rows * (stride + 1))
  let previous = above ?? new Uint8Array(stride)
  for (let y = 0; y < rows; y++) {
    const row = rgb.subarray(y * stride, (y + 1) * stride)
    writeRow(row, previous, out.subarray(y * (stride + 1), (y + 1) * (stride + 1)))
    previous = row
  }
  return out
}

function writeRow(row: Uint8Array, above: Uint8Array, out: Uint8Array): void {
  // Numbers of their own, and the first pixel apart: this runs for every byte of a page.
  let [none, sub, up] = [0, 0, 0]
  for (let i = 0; i < CHANNELS; i++) {
    none += magnitude(row[i]!)
    sub += magnitude(row[i]!)
    up += magnitude(row[i]! - above[i]!)
  }
  for (let i = CHANNELS; i < row.length; i++) {
    const value = row[i]!
    none += magnitude(value)
    sub += magnitude(value - row[i - CHANNELS]!)
    up += magnitude(value - above[i]!)
  }
  const filter = up <= sub && up <= none ? UP : sub <= none ? SUB : NONE
  out[0] = filter
  if (filter === NONE) out.set(row, 1)
  else if (filter === UP) for (let i = 0; i < row.length; i++) out[i + 1] = row[i]! - above[i]!
  else {
    out.set(row.subarray(0, CHANNELS), 1)
    for (let i = CHANNELS; i < row.length; i++) out[i + 1] = row[i]! - row[i - CHANNELS]!
  }
}

/** Magnitude of a difference modulo 256, read as signed. */
function magnitude(difference: number): number {
  return Math.abs((difference << 24) >> 24)
}
