// A measurement -> its protocol as text. Values may share a line in a chart if and only if these texts are
// equal.
import type { Stamp } from './evaluation.ts'

const HASH_DIGITS = 12

/** Evaluator, n, reference with its hash, weights with their hash, and preprocessing. */
export function protocolText({ metric, samples, reference, extractor }: Stamp): string {
  const n = samples.n === undefined ? '' : `, n = ${samples.n}`
  const name = reference.path.split(/[\\/]/).at(-1)!
  return [
    `${metric}${n}`,
    `against ${name} (sha256 ${reference.sha256.slice(0, HASH_DIGITS)})`,
    `${extractor.name} (sha256 ${extractor.sha256.slice(0, HASH_DIGITS)})`,
    samples.crop,
  ].join(', ')
}
