// A stamp -> readable lines: the numbers first, then how they were measured.
import { shortHash } from '../models/model-hash.ts'
import type { MeasuredSet, Stamp } from './evaluation.ts'

/** Further classes are only in the file. */
const MOST_CLASSES = 20

export function stampText(stamp: Stamp): string {
  const { results, metric, samples, reference, extractor, settings, badges, confidence, perClass, versions } =
    stamp
  const rows: (readonly [string, string])[] = [
    ...Object.entries(results).map(([name, value]) => [name, number(value)] as const),
    ...(confidence
      ? [
          ['standard error', number(confidence.error)] as const,
          ['limit, n to infinity', number(confidence.limit)] as const,
          [
            'by sample count',
            confidence.curve.map(({ count, distance }) => `${count}: ${number(distance)}`).join('  '),
          ] as const,
        ]
      : []),
    ...(perClass ?? [])
      .slice(0, MOST_CLASSES)
      .map(
        ({ class: label, name, n, frechet, precision }) =>
          [
            `class ${label}${name === undefined ? '' : ` ${name}`}`,
            [
              `n ${n}`,
              ...(frechet === undefined ? [] : [`Frechet ${number(frechet)}`]),
              ...(precision === undefined ? [] : [`precision ${number(precision)}`]),
            ].join('  '),
          ] as const,
      ),
    ['protocol', metric],
    ['samples', setWords(samples)],
    ['reference', setWords(reference)],
    [
      'extractor',
      `${extractor.name}, ${extractor.file}, sha256 ${shortHash(extractor.sha256)}, ${extractor.provider}`,
    ],
    ['input', extractor.input],
    [
      'settings',
      Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    [
      'versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...badges.map((badge) => ['note', badge] as const),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name.padEnd(width)}  ${text}`)
    .join('\n')
}

const setWords = ({ path, n, sha256, crop }: MeasuredSet) =>
  [path, ...(n === undefined ? [] : [`${n} images`]), `sha256 ${shortHash(sha256)}`, crop].join(', ')

const number = (value: number) => String(Number(value.toPrecision(7)))
