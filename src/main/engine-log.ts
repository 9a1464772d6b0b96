// The output of engines, in a log file and, for the current one, in memory, because a window has no terminal.
import { appendFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'

/** Number of last lines kept in memory. */
const LAST_LINES = 12
const MAX_LINE = 300
/** Maximum size of the log; anything that repeats this often is known by then. */
const MAX_LOG_BYTES = 8 * 2 ** 20

export interface EngineLog {
  readonly path: string
  /** Called when another engine starts; the last lines are its own from now on. */
  begin(): void
  add(text: string): void
  lastLines(): readonly string[]
}

/** The log of the previous session is kept as `FILE.before`. `mirror` also receives everything. */
export function engineLog(path: string, mirror: (text: string) => void = () => {}): EngineLog {
  let lines: string[] = ['']
  let written = 0
  // A full disk must not stop the workbench.
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

/** The line that explains why a program ended: the first error that it printed, or the last line. */
export function causeIn(lines: readonly string[]): string | undefined {
  return (lines.find((line) => /^(Uncaught )?\w*Error\b.*:/.test(line)) ?? lines.at(-1))?.trim()
}
