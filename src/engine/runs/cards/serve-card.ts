// The process of one card: opens the networks of a run on it, and computes the batches that it is sent.
import { RequestError } from '../../../shared/errors.ts'
import { computeBatch } from '../image-work.ts'
import type { ImageRun } from '../image-run.ts'
import { runSample } from '../sample.ts'
import type { FromCard, ToCard } from './messages.ts'

/** Ends with the process that started it. */
export async function serveCard(): Promise<void> {
  if (!process.send) throw new RequestError('card: started by a run on several cards, not by hand')
  process.on('disconnect', () => process.exit())
  const send = (message: FromCard) => void process.send!(message)
  const waiting: ToCard[] = []
  let wake: (() => void) | undefined
  process.on('message', (message) => {
    waiting.push(message as ToCard)
    wake?.()
  })
  const next = async (): Promise<ToCard> => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return waiting.shift()!
  }
  const serve = async (run: ImageRun) => {
    const networks = await run.networks()
    for (;;) {
      const message = await next()
      if (!('batch' in message)) throw new Error('card: expected a batch')
      const made = await computeBatch(networks, message.batch, (note, share) => send({ note, share }))
      send({ made })
    }
  }
  try {
    const first = await next()
    if (!('spec' in first)) throw new Error('card: expected a specification')
    await runSample(first.spec, {
      signal: new AbortController().signal,
      progress(_step, _of, note) {
        send({ note, share: 0 })
      },
      preview: (preview) => send({ preview }),
      serve,
    })
  } catch (error) {
    const { message } = error as Error
    process.send({ problem: message } satisfies FromCard, undefined, {}, () => process.exit(1))
  }
}
