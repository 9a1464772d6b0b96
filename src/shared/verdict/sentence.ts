// A verdict -> its answer in one sentence, the sentence for a paper, and the rows of a LaTeX table.
import { metricWords } from '../figures/metric-words.ts'
import type { ProtocolName } from '../evaluation/evaluation.ts'
import type { MeasuredBy } from '../evaluation/network-name.ts'
import { latexComment, latexRow, latexText } from '../text/latex.ts'
import { ERROR_RATE } from './looks.ts'
import { outcomeOf, type Outcome, type Rival } from './outcome.ts'
import type { DecidingMetric } from './spec.ts'
import type { Compared, Look, VerdictSetting } from './verdict.ts'

export interface Told {
  readonly settings: readonly Pick<VerdictSetting, 'name' | 'words' | 'short' | 'measured'>[]
  readonly looks: readonly Look[]
  readonly by: DecidingMetric
  readonly protocol: ProtocolName
  readonly reference: string
}

/** What the sentence needs: of the measurements only the network, which names the distance. */
export type Answered = Omit<Told, 'settings'> & {
  readonly settings: readonly (Pick<VerdictSetting, 'name' | 'words' | 'short'> & {
    readonly measured?: MeasuredBy
  })[]
}

/** The result of the protocol that each metric is. */
export const distanceResult = (by: DecidingMetric, protocol: ProtocolName): string => {
  const features = protocol === 'dinov2' || protocol === 'clip' ? protocol : 'inception'
  return by === 'kid' ? `kernel_${features}_distance_mean` : `frechet_${features}_distance`
}
/** `FID`; with the network once a setting was measured: `FD (DINOv2 ViT-B/14 reg)`. */
export function distanceWords(
  by: DecidingMetric,
  { protocol, settings }: Pick<Answered, 'protocol' | 'settings'>,
): string {
  const measured = settings.find((setting) => setting.measured)?.measured
  return metricWords(distanceResult(by, protocol), measured)
}

/** In three digits, with a real minus sign. */
export function amount(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value
    .toFixed(Math.min(digits, 8))
    .replace(/^-(?=0(\.0*)?$)/, '')
    .replace('-', '−')
}
const range = ({ low, high }: Compared) => `${amount(low)} to ${amount(high)}`
const images = (n: number) => `${n.toLocaleString('en-US')} images each`
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const list = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

/** `8 s`, `12 min`, `2.5 h`. */
function time(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  return `${Number((seconds / 3600).toPrecision(2))} h`
}

const namesOf = ({ settings }: Answered) => {
  const found = (name: string) => settings.find((setting) => setting.name === name)
  return {
    words: (name: string) => found(name)?.words ?? name,
    short: (name: string) => found(name)?.short ?? name,
  }
}
const deciding = (rival: Rival, by: DecidingMetric) => rival[by] ?? rival.fd

/** The answer; what is missing before the first look. */
export function verdictSentence(told: Answered): string {
  const outcome = outcomeOf(told.looks, told.by)
  if (!outcome) return 'No images compared yet.'
  return outcome.decided ? decidedSentence(told, outcome) : openSentence(told, outcome)
}

function decidedSentence(told: Answered, { leader, rivals, n }: Outcome): string {
  const { words, short } = namesOf(told)
  const metric = distanceWords(told.by, told)
  const [first] = rivals
  if (rivals.length === 1)
    return `${capital(words(leader))} is better than ${short(first!.name)}: ${metric} lower by ${amount(deciding(first!, told.by).difference)}, 95 % interval ${range(deciding(first!, told.by))}, ${images(n)}.`
  const each = rivals.map((rival) => {
    const compared = deciding(rival, told.by)
    return `${amount(compared.difference)} (${range(compared)}, ${images(rival.n)}) than ${short(rival.name)}`
  })
  return `${capital(words(leader))} is the best of ${rivals.length + 1}: ${metric} lower by ${list(each)}; 95 % intervals together.`
}

function openSentence(told: Answered, { leader, rivals, n, more, seconds }: Outcome): string {
  const { words, short } = namesOf(told)
  const metric = distanceWords(told.by, told)
  const open = rivals.filter(({ beaten }) => !beaten)
  const beaten = rivals.filter((rival) => rival.beaten)
  const each = open.map((rival) => {
    const compared = deciding(rival, told.by)
    return `${amount(compared.difference)} than ${short(rival.name)} (95 % interval ${range(compared)})`
  })
  const largest = Math.max(
    ...open.flatMap((rival) => [
      Math.abs(deciding(rival, told.by).low),
      Math.abs(deciding(rival, told.by).high),
    ]),
  )
  const then =
    more === undefined
      ? `a difference, if there is one, is smaller than ${amount(largest)}`
      : `about ${more.toLocaleString('en-US')} more ${more === 1 ? 'image' : 'images'} each${seconds === undefined ? '' : `, ${time(seconds)},`} would decide a difference of this size`
  const out =
    beaten.length > 0
      ? ` ${capital(list(beaten.map(({ name }) => short(name))))} ${beaten.length > 1 ? 'are' : 'is'} worse.`
      : ''
  return `Cannot tell: ${metric} of ${words(leader)} is lower by ${list(each)}, ${images(n)}; ${then}.${out}`
}

/** What the other distance says, in a few words; undefined if it was not measured. */
export function otherDistance(told: Told): string | undefined {
  const outcome = outcomeOf(told.looks, told.by)
  const other: DecidingMetric = told.by === 'fd' ? 'kid' : 'fd'
  const { short } = namesOf(told)
  const found = (outcome?.rivals ?? []).flatMap((rival) => {
    const compared = rival[other]
    return compared
      ? `${compared.difference < 0 ? 'higher' : 'lower'} by ${amount(Math.abs(compared.difference))} than ${short(rival.name)} (${range(compared.difference < 0 ? { ...compared, low: -compared.high, high: -compared.low } : compared)})`
      : []
  })
  if (found.length === 0) return undefined
  const compared = outcome!.rivals.flatMap((rival) => rival[other] ?? [])
  const says = compared.every(({ low }) => low > 0)
    ? 'agrees'
    : compared.some(({ high }) => high < 0)
      ? 'disagrees'
      : 'alone cannot tell'
  return `${distanceWords(other, told)} ${says}: ${list(found)}.`
}

/** With the method, so that it needs no others. */
export function paperSentence(told: Told): string {
  const outcome = outcomeOf(told.looks, told.by)
  if (!outcome) return ''
  const { words, short } = namesOf(told)
  const metric = distanceWords(told.by, told)
  const parts = outcome.rivals.map((rival) => {
    const compared = deciding(rival, told.by)
    return `${amount(compared.difference)} lower than with ${short(rival.name)} (95% interval ${range(compared)}, ${images(rival.n)})`
  })
  const { resamples } = told.looks.at(-1)!
  const significant = outcome.decided ? '' : ', which is not significant'
  const rule = `paired bootstrap over the shared seeds, ${resamples} resamples, fixed reference, repeated looks with a total error rate of at most ${100 * ERROR_RATE}%`
  return `With ${words(outcome.leader)}, ${metric} against ${told.reference} is ${list(parts)}${significant}; ${rule}.`
}

/** A row for each setting, the best first named; differences to the leader with their intervals. */
export function verdictLatex(told: Told): string {
  const outcome = outcomeOf(told.looks, told.by)
  if (!outcome) return ''
  const metric = distanceWords(told.by, told)
  const key = distanceResult(told.by, told.protocol)
  const rows = told.settings.map(({ name, words, measured }) => {
    const rival = outcome.rivals.find((one) => one.name === name)
    const compared = rival && deciding(rival, told.by)
    const value = measured?.results[key]
    return latexRow([
      latexText(capital(words)),
      String(measured?.n ?? rival?.n ?? outcome.n),
      value === undefined ? '--' : String(Number(value.toPrecision(4))),
      compared ? latexText(`+${amount(compared.difference)}`) : '--',
      compared ? latexText(`${range(compared)}`) : '--',
    ])
  })
  const [protocol] = told.settings.flatMap(({ measured }) => measured?.protocol ?? [])
  return [
    latexComment(['Setting', 'n', metric, 'Difference to the best', '95 % interval'].join(' & ')),
    ...rows,
    latexComment(paperSentence(told)),
    ...(protocol === undefined ? [] : [latexComment(protocol)]),
  ].join('\n')
}
