// A stamp -> a row of a LaTeX table, with its protocol as a comment.
import { floorWords } from './floor.ts'
import { shortHash } from '../models/model-hash.ts'
import { METRIC_WORDS, metricWords } from '../figures/metric-words.ts'
import { latexComment, latexRow, latexText } from '../text/latex.ts'
import type { Stamp } from './evaluation.ts'
import { resultError } from './result-error.ts'
import { withError } from './value-words.ts'

/** `% Method & n & FID & IS` and the row: each number with its standard error, where one is known. */
export function stampLatex(stamp: Stamp, name: string): string {
  const { results, metric, samples, reference, extractor, floor } = stamp
  const shown = Object.keys(METRIC_WORDS).filter((key) => key in results && !key.endsWith('_std'))
  const heads = ['Method', 'n', ...shown.map((key) => metricWords(key, stamp))]
  const cells = [
    latexText(name),
    samples.n === undefined ? '--' : String(samples.n),
    ...shown.map((key) => latexValue(withError(results[key]!, resultError(stamp, key)?.error))),
  ]
  const methods = shown.flatMap((key) => {
    const method = resultError(stamp, key)?.method
    return method === undefined ? [] : [`${metricWords(key, stamp)}: ${method}`]
  })
  const protocol = [
    metric,
    `against ${reference.path} (sha256 ${shortHash(reference.sha256)}${reference.n === undefined ? '' : `, ${reference.n} images`}, ${reference.crop})`,
    `${extractor.network ?? extractor.name} sha256 ${shortHash(extractor.sha256)}`,
  ]
  const real = floor && [
    'Real images',
    String(floor.n),
    ...shown.map((key) =>
      floor.results[key] ? String(Number(floor.results[key].mean.toPrecision(4))) : '--',
    ),
  ]
  return [
    latexComment(heads.join(' & ')),
    latexRow(cells),
    ...(real ? [latexRow(real), latexComment(floorWords(floor))] : []),
    latexComment(protocol.join('; ')),
    ...(methods.length > 0 ? [latexComment(`± 1 standard error; ${methods.join('; ')}`)] : []),
  ].join('\n')
}

const latexValue = ({ value, error }: ReturnType<typeof withError>): string =>
  error === undefined ? value : `$${value} \\pm ${error}$`
