// A card of this machine, as the run sees it: a process that computes the batches it is sent.
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { cardName, type Card } from '../../../shared/models/devices.ts'
import type { SampleSpec } from '../../../shared/run/run.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'
import { processorThreads } from '../../session/index.ts'
import type { ImageWorker, MadeImage, Report } from '../image-work.ts'
import type { FromCard, ToCard } from './messages.ts'

/** Opens a card among `of`; its networks are opened with the first batch. */
export function openCard(
  card: Card,
  of: number,
  spec: SampleSpec,
  callbacks: Pick<RunCallbacks, 'preview'>,
): ImageWorker {
  const threads = Math.max(1, Math.floor(processorThreads() / of))
  const child = fork(commandFile(), ['card'], {
    serialization: 'advanced',
    execArgv: [],
    env: {
      ...process.env,
      DIGIT_CARD: String(card.number),
      // The processor is shared by its "cards"; beside a GPU it has little to do.
      DIGIT_THREADS: String(threads),
    },
  })
  let ended: string | undefined
  let waiting: { readonly report: Report; answer(made: readonly MadeImage[] | Error): void } | undefined
  const end = (how: string) => {
    ended ??= how
    waiting?.answer(new RequestError(`${cardName(card)}: ${ended}`))
  }
  child.on('message', (data) => {
    const message = data as FromCard
    if ('note' in message) waiting?.report(message.note, message.share)
    else if ('preview' in message) callbacks.preview?.(message.preview)
    else if ('made' in message) waiting?.answer(message.made)
    else end(message.problem)
  })
  child.once('error', ({ message }) => end(message))
  child.once('exit', (code, signal) =>
    end(signal ? `ended with signal ${signal}` : `ended with code ${code}`),
  )
  const send = (message: ToCard) => {
    if (child.connected) child.send(message, () => {})
  }
  send({ spec: { ...spec, device: card.provider } })
  return {
    card: cardName(card),
    async compute(batch, report) {
      if (ended !== undefined) throw new RequestError(`${cardName(card)}: ${ended}`)
      const made = await new Promise<readonly MadeImage[] | Error>((answer) => {
        waiting = { report, answer }
        send({ batch })
      })
      waiting = undefined
      if (made instanceof Error) throw made
      return made
    },
    async close() {
      child.kill()
    },
  }
}

/** The `digit` command that this process is, or that is beside it. */
function commandFile(): string {
  const here = process.argv[1] ?? ''
  if (/^digit(\.js)?$/.test(basename(here))) return here
  const beside = join(dirname(here), '../../cli/digit.js')
  if (basename(here) === 'process.js' && existsSync(beside)) return beside
  throw new RequestError(
    'several cards need the digit command (digit sample, digit web); the desktop application uses one device',
  )
}
