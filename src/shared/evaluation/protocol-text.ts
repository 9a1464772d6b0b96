// A measurement -> the words of the protocol it was taken by: equal where values may stand on one line.
import type { Stamp } from './evaluation.ts'

const HASH_DIGITS = 12

/** Evaluator, n, reference with its hash, weights with theirs, and how files became pixels. */
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
