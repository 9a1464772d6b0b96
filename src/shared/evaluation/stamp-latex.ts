// A stamp -> a row of a LaTeX table, with its protocol as a comment.
import { shortHash } from '../models/model-hash.ts'
import { METRIC_WORDS, metricWords } from '../figures/metric-words.ts'
import { latexComment, latexRow, latexText } from '../text/latex.ts'
import type { Stamp } from './evaluation.ts'

const DIGITS = 4

/** `% Method & FID & IS` and the row, numbers in four digits. */
export function stampLatex({ results, metric, samples, reference, extractor }: Stamp, name: string): string {
  const shown = Object.keys(METRIC_WORDS).filter((key) => key in results && !key.endsWith('_std'))
  const heads = ['Method', 'n', ...shown.map(metricWords)]
  const cells = [
    latexText(name),
    samples.n === undefined ? '--' : String(samples.n),
    ...shown.map((key) => number(results[key]!)),
  ]
  const protocol = [
    metric,
    `against ${reference.path} (sha256 ${shortHash(reference.sha256)}${reference.n === undefined ? '' : `, ${reference.n} images`}, ${reference.crop})`,
    `${extractor.name} sha256 ${shortHash(extractor.sha256)}`,
  ]
  return [latexComment(heads.join(' & ')), latexRow(cells), latexComment(protocol.join('; '))].join('\n')
}

const number = (value: number) => String(Number(value.toPrecision(DIGITS)))
