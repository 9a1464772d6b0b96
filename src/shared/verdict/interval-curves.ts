// The looks of a verdict -> a curve for each rival of the leader: the difference over n, with its interval as a bar.
import type { Curve } from '../figures/curves.ts'
import type { PanelOf } from '../figures/panels.ts'
import { outcomeOf } from './outcome.ts'
import { distanceWords, type Told } from './sentence.ts'

export const NO_DIFFERENCE = 'no difference'

/** Positive: the leader is better. The error of a point is half of its interval. */
export function intervalCurves(told: Told): Curve[] {
  const { looks, by, settings, reference } = told
  const outcome = outcomeOf(looks, by)
  if (!outcome) return []
  const { leader } = outcome
  const wordsOf = (name: string) => settings.find((setting) => setting.name === name)?.short ?? name
  return outcome.rivals.map(({ name }) => ({
    label: `${wordsOf(name)} minus ${wordsOf(leader)}`,
    protocol: `${distanceWords(by, told)} against ${reference}`,
    points: looks.flatMap(({ n, pairs }) =>
      pairs.flatMap(({ a, b, ...pair }) => {
        const sign = a === name && b === leader ? 1 : a === leader && b === name ? -1 : 0
        const { difference, low, high } = pair[by] ?? pair.fd
        return sign === 0 ? [] : [{ x: n, y: sign * difference, run: name, error: (high - low) / 2 }]
      }),
    ),
  }))
}

/** `FID, 1.1 minus 0.9`: positive where the best setting is better. */
export function differenceWords(told: Told): string {
  const metric = distanceWords(told.by, told)
  const curves = intervalCurves(told)
  return curves.length === 1 ? `${metric}, ${curves[0]!.label}` : `Difference of ${metric} to the best`
}

/** As a panel of a figure.json. */
export function intervalPanel(told: Told): PanelOf<'chart'> {
  const curves = intervalCurves(told)
  return {
    kind: 'chart',
    x: { label: 'Images of each setting (bars: 95 % interval)', scale: 'log' },
    y: { label: differenceWords(told), scale: 'linear' },
    series: curves.map(({ label, protocol, points }) => ({
      label,
      protocol,
      line: 'solid',
      marks: true,
      points: points.map(({ x, y }) => [x, y]),
      errors: points.map(({ error }) => error ?? 0),
      bars: '95 % interval',
    })),
    references: [{ label: NO_DIFFERENCE, y: 0 }],
    legend: curves.length > 1 ? 'above' : 'none',
    aspect: 0.6,
  }
}
