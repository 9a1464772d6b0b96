// Progress -> a bar on a terminal, occasional plain lines otherwise.
import { SingleBar } from 'cli-progress'

export interface ProgressLine {
  update(step: number, of: number, note: string): void
  /** Prints a message next to the progress. */
  say(text: string): void
  stop(): void
}

/** Minimum time between plain lines, with the same note and with a new one. */
const QUIET_MS = 10_000
const QUIET_NOTES_MS = 2000

export function progressLine(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressLine {
  return stream.isTTY ? bar(stream, now) : lines(stream, now)
}

function bar(stream: NodeJS.WriteStream, now: () => number): ProgressLine {
  const format = '{bar} {done}/{total} | {rate} | {left} | {note}'
  const bar = new SingleBar({
    format,
    stream,
    barsize: 30,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
  })
  const pace = paceOf(now)
  let started = false
  return {
    update(step, of, note) {
      const payload = { done: Math.floor(step), note, ...pace(step, of) }
      if (!started) bar.start(of, step, payload)
      started = true
      bar.setTotal(of)
      bar.update(step, payload)
    },
    say: (text) => void stream.write(`\n${text}\n`),
    stop: () => bar.stop(),
  }
}

function lines(stream: NodeJS.WriteStream, now: () => number): ProgressLine {
  const pace = paceOf(now)
  let told = { note: '', at: -Infinity }
  return {
    update(step, of, note) {
      const { rate, left } = pace(step, of)
      // Before the first images, work that takes a moment has nothing to count.
      if (of <= 1) return
      if (now() - told.at < (note === told.note ? QUIET_MS : QUIET_NOTES_MS)) return
      told = { note, at: now() }
      stream.write(`${Math.floor(step)}/${of}, ${rate}, ${left}, ${note}\n`)
    },
    say: (text) => void stream.write(`${text}\n`),
    stop: () => {},
  }
}

/**
 * Rate and remaining time, measured from the first step seen: work finished by an earlier run is not counted.
 */
export function paceOf(now: () => number) {
  let first: { step: number; of: number; at: number } | undefined
  return (step: number, of: number): { rate: string; left: string } => {
    if (first?.of !== of || step < first.step) first = { step, of, at: now() }
    const seconds = (now() - first.at) / 1000
    const rate = (step - first.step) / seconds
    if (!(rate > 0) || seconds < 0.5) return { rate: '-/s', left: 'unknown time left' }
    return { rate: rateText(rate), left: `${durationText((of - step) / rate)} left` }
  }
}

/** Items per second, or seconds per item if slower than one per second. */
function rateText(rate: number): string {
  return rate >= 1 ? `${rate.toFixed(1)}/s` : `${(1 / rate).toFixed(1)} s/it`
}

export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}
