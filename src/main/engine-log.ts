// What engines print, kept in a file and, for the current one, in memory: a window has no terminal to print to.
import { appendFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'

/** Lines that are kept in mind. */
const LAST_LINES = 12
const MAX_LINE = 300
/** Beyond this nothing more is written; whatever repeats itself so often is known by then. */
const MAX_LOG_BYTES = 8 * 2 ** 20

export interface EngineLog {
  readonly path: string
  /** Another engine begins: the last lines are its own from now on. */
  begin(): void
  add(text: string): void
  lastLines(): readonly string[]
}

/** The file of the session before stays beside it as `FILE.before`. `mirror` gets everything as well. */
export function engineLog(path: string, mirror: (text: string) => void = () => {}): EngineLog {
  let lines: string[] = ['']
  let written = 0
  // A full disk must not end the workbench.
  const attempt = (work: () => void) => {
    try {
      work()
    } catch {
      written = MAX_LOG_BYTES
    }
  }
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true })
    if (existsSync(path)) renameSync(path, `${path}.before`)
  })
  const write = (text: string) => {
    if (written < MAX_LOG_BYTES) attempt(() => appendFileSync(path, text))
    written += text.length
  }
  return {
    path,
    begin() {
      lines = ['']
      write(`--- engine started ${new Date().toISOString()}\n`)
    },
    add(text) {
      write(text)
      mirror(text)
      const [first = '', ...rest] = text.split('\n')
      lines = [...lines.slice(0, -1), lines.at(-1)! + first, ...rest].slice(-LAST_LINES - 1)
    },
    lastLines: () => lines.filter((line) => line.trim() !== '').map((line) => line.slice(0, MAX_LINE)),
  }
}

/** Of what a program printed before it ended, the line that says why: the first error, or the last line. */
export function causeIn(lines: readonly string[]): string | undefined {
  return (lines.find((line) => /^(Uncaught )?\w*Error\b.*:/.test(line)) ?? lines.at(-1))?.trim()
}
