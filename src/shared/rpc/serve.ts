// Exposes an implementation to an untrusted client over a channel: call names are looked up among its own,
// arguments are validated by schema, and thrown errors are sent back as answers.
import * as z from 'zod'
import { isTooDeep, MAX_DEPTH } from '../plain-json.ts'
import type { Calls, Channel, Events, Message, WireError } from './channel.ts'

/** Call -> schema of its arguments. */
export type CallSchemas<Api> = {
  readonly [K in keyof Api]: Api[K] extends (...args: infer A) => unknown ? z.ZodType<A> : never
}

/** Maximum number of pending calls of one client; a page has a few dozen. */
export const MAX_OPEN_CALLS = 1000

const CallMessageSchema = z.object({
  call: z.number().int(),
  name: z.string().max(100),
  args: z.array(z.unknown()).max(10),
})

/**
 * Answers until the channel closes. Returns a function that sends events to the client.
 * @param inWords changes the messages of errors for the client
 */
export function serve<Api extends Calls<Api>, Told extends Events<Told>>(
  channel: Channel,
  api: Api,
  schemas: CallSchemas<Api>,
  closed: () => void = () => {},
  inWords: (message: string) => string = (message) => message,
): <E extends keyof Told & string>(event: E, ...args: Parameters<Told[E]>) => void {
  let open = 0
  let gone = false

  /** A result that cannot be sent is answered with the reason, and does not stop the engine. */
  const post = (message: Message, instead: (error: unknown) => Message | undefined) => {
    if (gone) return
    try {
      channel.post(message)
    } catch (error) {
      const other = instead(error)
      if (other) channel.post(other)
    }
  }
  const run = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    if (open > MAX_OPEN_CALLS) throw refusal(`too many concurrent calls (maximum ${MAX_OPEN_CALLS})`)
    if (!Object.hasOwn(schemas, name)) throw refusal('unknown call')
    if (isTooDeep(args))
      throw refusal(`invalid arguments: nested too deep (expected at most ${MAX_DEPTH} levels)`)
    const schema: z.ZodType = schemas[name as keyof Api]
    const { success, data, error } = schema.safeParse(args)
    if (!success) throw refusal(problemsText(error))
    return api[name as keyof Api](...(data as never[]))
  }
  const answer = async (id: number, name: string, args: readonly unknown[]) => {
    open++
    const message = await run(name, args).then(
      (value) => ({ answer: id, value }),
      (thrown: unknown) => {
        const error = wireError(thrown, name)
        return { answer: id, error: { ...error, message: inWords(error.message) } }
      },
    )
    open--
    post(message, (error) => ({ answer: id, error: wireError(error, name) }))
  }
  channel.on(
    (heard) => {
      const { success, data } = CallMessageSchema.safeParse(heard)
      // A message that is not a call has no id to answer to.
      if (success) void answer(data.call, data.name, data.args)
    },
    () => {
      gone = true
      closed()
    },
  )
  return (event, ...args) =>
    post({ event, args }, (error) => void console.error(`event '${event}' cannot be sent:`, error))
}

const refusal = (message: string) => Object.assign(new Error(message), { name: 'RequestError' })

const problemsText = (error: z.ZodError) =>
  `invalid arguments: ${error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`

function wireError(thrown: unknown, call: string): WireError {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown))
  return { name, message, call }
}
