// A measurement -> its protocol as text. Values may share a line in a chart if and only if these texts are
// equal.
import { shortHash } from '../models/model-hash.ts'
import { PROTOCOL_TITLES, type Stamp } from './evaluation.ts'

/** Evaluator, n, reference with its hash, weights with their hash, and preprocessing. */
export function protocolText({ metric, samples, reference, extractor }: Stamp): string {
  const n = samples.n === undefined ? '' : `, n = ${samples.n}`
  const name = reference.path.split(/[\\/]/).at(-1)!
  return [
    `${PROTOCOL_TITLES[metric]}${n}`,
    `against ${name} (sha256 ${shortHash(reference.sha256)})`,
    `${extractor.name} (sha256 ${shortHash(extractor.sha256)})`,
    samples.crop,
  ].join(', ')
}
