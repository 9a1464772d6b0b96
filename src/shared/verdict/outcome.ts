// The looks of a verdict -> who leads, by how much, whether that is decided, and what it would take.
import { levelOfLook, pairsOf } from './looks.ts'
import type { DecidingMetric } from './spec.ts'
import type { Compared, Look } from './verdict.ts'

/** Another setting than the leader. Positive differences: the leader is lower, which is better. */
export interface Rival {
  readonly name: string
  /** Images of each of the two. */
  readonly n: number
  readonly fd: Compared
  readonly kid?: Compared
  readonly beaten: boolean
}

export interface Outcome {
  /** The setting with the lowest distance. */
  readonly leader: string
  readonly decided: boolean
  /** Images of the last look. */
  readonly n: number
  /** In the order of the settings. */
  readonly rivals: readonly Rival[]
  /** Undecided: further images of each setting after which a difference of the present size would show. */
  readonly more?: number
  /** Their time at the rate so far. */
  readonly seconds?: number
}

/** Undefined before the first look. */
export function outcomeOf(looks: readonly Look[], by: DecidingMetric): Outcome | undefined {
  const last = looks.at(-1)
  if (!last) return undefined
  const open = last.settings.filter(({ beatenBy }) => beatenBy === undefined)
  const valueOf = (setting: (typeof open)[number]) => setting[by] ?? setting.fd
  const leader = open.reduce((best, setting) => (valueOf(setting) < valueOf(best) ? setting : best)).name
  const names = looks[0]!.settings.map(({ name }) => name)
  const rivals = names
    .filter((name) => name !== leader)
    .flatMap((name) => rivalOf(looks, leader, name, !open.some((setting) => setting.name === name)))
  const decided = open.length === 1
  return {
    leader,
    decided,
    n: last.n,
    rivals,
    ...(decided ? {} : remaining(looks, by, rivals, names.length)),
  }
}

/** The last look at both. */
function rivalOf(looks: readonly Look[], leader: string, name: string, beaten: boolean): readonly Rival[] {
  for (const { n, pairs } of [...looks].reverse())
    for (const { a, b, fd, kid } of pairs) {
      if (!(a === leader && b === name) && !(a === name && b === leader)) continue
      const turned = a === leader ? reversed : (compared: Compared) => compared
      return [{ name, n, beaten, fd: turned(fd), ...(kid ? { kid: turned(kid) } : {}) }]
    }
  return []
}

const reversed = ({ difference, error, low, high }: Compared): Compared => ({
  difference: -difference,
  error,
  low: -high,
  high: -low,
})

/** Beyond this many times the present images, an estimate says nothing. */
const MOST_TIMES = 1000

/**
 * The error shrinks with the root of n. The factor of the look at which it would be small enough is larger than the
 * present one, because later looks have a smaller level; the normal quantile grows about with the root of the logarithm.
 */
function remaining(
  looks: readonly Look[],
  by: DecidingMetric,
  rivals: readonly Rival[],
  settings: number,
): Pick<Outcome, 'more' | 'seconds'> {
  const last = looks.at(-1)!
  const open = rivals.filter(({ beaten }) => !beaten)
  const times = open.map((rival) => {
    const { difference, low } = rival[by] ?? rival.fd
    const size = Math.abs(difference)
    for (let look = looks.length + 1; look < looks.length + 12; look++) {
      const grown = Math.sqrt(
        Math.log(levelOfLook(look, pairsOf(settings))) /
          Math.log(levelOfLook(looks.length, pairsOf(settings))),
      )
      const needed = ((grown * (difference - low)) / size) ** 2
      if (needed <= 2 ** (look - looks.length)) return Math.max(needed, 1)
    }
    return Infinity
  })
  const most = Math.max(...times)
  if (!(most <= MOST_TIMES)) return {}
  const more = Math.max(1, roughly(last.n * (most - 1)))
  const made = looks.reduce((sum, { images }) => sum + images, 0)
  if (made === 0) return { more }
  const perImage = looks.reduce((sum, { seconds }) => sum + seconds, 0) / made
  return { more, seconds: more * (open.length + 1) * perImage }
}

/** In two digits: `580`. */
const roughly = (value: number): number => Number(value.toPrecision(2))

/** Whether a look with n images would probably end within the limit; without one, and for the first look, it has time. */
export function hasTime(looks: readonly Look[], n: number, minutes: number | undefined): boolean {
  const last = looks.at(-1)
  if (minutes === undefined || !last) return true
  const spent = looks.reduce((sum, { seconds }) => sum + seconds, 0)
  const made = looks.reduce((sum, { images }) => sum + images, 0)
  const open = last.settings.filter(({ beatenBy }) => beatenBy === undefined).length
  return spent + (open * (n - last.n) * spent) / Math.max(1, made) <= 60 * minutes
}
