// Numbers and times -> short text for the page.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { RunStatus } from '../../../shared/run/run.ts'

/** `8 s`, `4 min`, `2 h 10 min`. */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `4.1 MB`. */
export function byteWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const unit = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** unit
  return `${value.toFixed(unit > 0 && value < 100 ? 1 : 0)} ${units[unit]}`
}

/** `12,000`. */
export const countWords = (count: number): string => count.toLocaleString('en-US')

/** `1 image`, `12 images`. */
export const imageWords = (count: number): string =>
  `${countWords(count)} ${count === 1 ? 'image' : 'images'}`

/** `14:05`, with the date where it is not today. */
export function timeWords(iso: string, now = new Date()): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return ''
  const clock = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (time.toDateString() === now.toDateString()) return clock
  const year = time.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const)
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })}, ${clock}`
}

const STATES: Readonly<Record<RunStatus['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** The status of a run in one line. */
export function statusWords({ status, finished, request, pictures, elsewhere }: WorkspaceRun): string {
  const asked = request?.count ?? pictures?.length
  const of = asked !== undefined && finished < asked ? ` of ${countWords(asked)}` : ''
  const made = `${countWords(finished)}${of} ${finished === 1 && !of ? 'image' : 'images'}`
  if (status.state === 'done') return made
  return `${STATES[status.state]}${elsewhere ? ' elsewhere' : ''} · ${made}`
}

/** A number with a fixed number of decimals, and a real minus sign. */
export const fixed = (value: number, digits = 3): string => value.toFixed(digits).replace('-', '−')

/** A number in about four digits. */
export function numberWords(value: number): string {
  if (Number.isInteger(value)) return countWords(value)
  return fixed(value, Math.abs(value) >= 100 ? 1 : 3)
}

/** `12 %`, `99.7 %`, `0.34 %`, `<0.001 %`. */
export function shareWords(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.001) return '<0.001 %'
  if (percent < 0.1) return `${percent === 0 ? 0 : Number(percent.toPrecision(1))} %`
  const digits = percent < 1 ? 2 : percent < 10 || (percent > 99 && percent < 99.95) ? 1 : 0
  return `${percent.toFixed(digits)} %`
}
/** Progress in whole percent, 100 only at the end: `42 %`. */
export const progressWords = (share: number): string => `${Math.floor(100 * share)} %`

const DEVICE_WORDS: Readonly<Record<string, string>> = {
  auto: 'Automatic',
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
  all: 'All cards',
}

/** Display name of a device or its provider. */
export const deviceWords = (device: string): string => DEVICE_WORDS[device] ?? device

/** A rate per second, in about three digits: `1,240`, `38.2`, `0.47`. */
export const rateWords = (perSecond: number): string =>
  perSecond >= 100 ? countWords(Math.round(perSecond)) : perSecond.toFixed(perSecond >= 10 ? 1 : 2)
