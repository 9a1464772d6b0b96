// A stamp -> readable lines: the numbers first, then how they were measured.
import { floorCaveat, floorRange, floorWords, type Floor } from './floor.ts'
import { metricWords } from '../figures/metric-words.ts'
import { shortHash } from '../models/model-hash.ts'
import type { MeasuredSet, Stamp } from './evaluation.ts'
import { limitMissing } from './limit.ts'
import { resultError } from './result-error.ts'

/** Further classes are only in the file. */
const MOST_CLASSES = 20

export function stampText(stamp: Stamp): string {
  const { results, metric, samples, reference, extractor, settings, badges, confidence, perClass, versions } =
    stamp
  const { floor } = stamp
  const rows: (readonly [string, string])[] = [
    ...Object.entries(results).flatMap(([name, value]) => resultRows(stamp, name, value)),
    ...(confidence ? limitRows(confidence) : []),
    ...(floor ? floorRows(floor, stamp) : []),
    ...(perClass ?? [])
      .slice(0, MOST_CLASSES)
      .map(
        ({ class: label, name, n, distance, precision }) =>
          [
            `class ${label}${name === undefined ? '' : ` ${name}`}`,
            [
              `n ${n}`,
              ...(distance
                ? [
                    `Fréchet ${number(distance.samples)} (real images ${number(distance.real)}; ${distance.n} against ${distance.m})`,
                  ]
                : []),
              ...(precision === undefined
                ? []
                : [`within the real images of all classes ${number(precision)}`]),
            ].join('  '),
          ] as const,
      ),
    ['protocol', metric],
    ['samples', setWords(samples)],
    ['reference', setWords(reference)],
    [
      'extractor',
      `${extractor.network ?? extractor.name}, ${extractor.file}, sha256 ${shortHash(extractor.sha256)}, ${extractor.provider}`,
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

/** A result with the field's name of it, and its error below. */
function resultRows(stamp: Stamp, name: string, value: number): (readonly [string, string])[] {
  const title = metricWords(name, stamp)
  const words = title === name ? number(value) : `${number(value)}  (${title})`
  const found = resultError(stamp, name)
  if (!found) return [[name, words]]
  const { error, low, high, method } = found
  const interval = low === undefined || high === undefined ? '' : `, 95 % ${number(low)} to ${number(high)}`
  return [
    [name, words],
    ['  standard error', `${number(error)}${interval}; ${method}`],
  ]
}

/** Of the distance above; records of 0.1 have a limit without an error, which is noise. */
function limitRows({
  limit,
  limitError,
  curve,
}: NonNullable<Stamp['confidence']>): (readonly [string, string])[] {
  if (limit === undefined || limitError === undefined)
    return [['distance, n to infinity', limitMissing(curve)]]
  return [
    ['distance, n to infinity', `${number(limit)}, standard error ${number(limitError)}, reference as it is`],
    ['distance by n', curve.map(({ count, distance }) => `${count}: ${number(distance)}`).join('  ')],
  ]
}

/** The mean of real images, and where 95 of 100 perfect models would lie. */
function floorRows(floor: Floor, { samples, reference }: Stamp): (readonly [string, string])[] {
  const caveat = floorCaveat(floor, samples.n, reference.n)
  return [
    ['floor', floorWords(floor)],
    ...(caveat === undefined ? [] : [['', caveat] as const]),
    ...Object.entries(floor.results).map(([name, result]) => {
      const [low, high] = floorRange(name, result).map(number)
      return [`  ${name}`, `${number(result.mean)} (95 %: ${low} to ${high})`] as const
    }),
  ]
}

const setWords = ({ path, n, sha256, crop }: MeasuredSet) =>
  [path, ...(n === undefined ? [] : [`${n} images`]), `sha256 ${shortHash(sha256)}`, crop].join(', ')

const number = (value: number) => String(Number(value.toPrecision(7)))
