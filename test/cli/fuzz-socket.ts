// Messages that no page sends, over a page's socket: random bytes, text, broken and oversized frames, calls with
// arguments of any type. Ends when the server has taken all of them.
import fc from 'fast-check'
import type { WebSocket } from 'ws'
import { ENGINE_CALLS } from '../../src/shared/contract/calls.ts'
import { frameToMessage, messageToFrame } from '../../src/shared/rpc/frame.ts'
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_VALUES } from '../../src/cli/serve/socket.ts'
import type { WebHost } from '../../src/cli/serve/host.ts'
import { QUICK } from '../quick-request.ts'
import { openPage } from '../web-page.ts'

const names = fc.oneof(
  fc.constantFrom(...Object.keys(ENGINE_CALLS), 'constructor', '__proto__', 'openModels', 'readFile', ''),
  fc.string({ maxLength: 200 }),
)
const argument = fc.oneof(
  fc.anything({ maxDepth: 3 }).map((value) => json(value)),
  fc.uint8Array(),
  fc.constantFrom('../..', '/etc/passwd', 'runs', '\0', 'a'.repeat(10_000), 1e308, -1, 1.5, null),
  // A request with one field of any kind; a whole one would only keep the machine busy.
  fc
    .tuple(fc.constantFrom(...Object.keys(QUICK)), fc.constantFrom(null, -1, '1', [], {}, 1e300))
    .map(([field, value]) => ({ ...QUICK, [field]: value })),
)
const call = fc.record({
  call: fc.oneof(fc.nat(), argument),
  name: names,
  args: fc.array(argument, { maxLength: 12 }),
})
/** Calls that hand over pictures as a page would, but for what is in them. */
const picture = fc.uint8Array({ maxLength: 5000 })
const { count: _count, classes: _classes, stage1Sampling: _sampling1, ...RECONSTRUCT } = QUICK
const handed = fc.oneof(
  fc.tuple(fc.string(), picture).map((args) => ({ call: 0, name: 'readPicture', args })),
  fc
    .tuple(fc.constant(RECONSTRUCT), fc.array(fc.string()), fc.array(picture, { maxLength: 20 }))
    .map((args) => ({ call: 0, name: 'startReconstruct', args })),
)
/** JSON as no page writes it: the message is one such frame by itself, or the arguments of a call. */
const header = (json: string) => {
  const bytes = new TextEncoder().encode(json)
  const frame = new Uint8Array(4 + bytes.length)
  new DataView(frame.buffer).setUint32(0, bytes.length, true)
  frame.set(bytes, 4)
  return frame
}
const nested = fc
  .tuple(
    fc.constantFrom(8, 60, 64, 70, 1000, 4000, 100_000),
    fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[', '']),
    fc.boolean(),
    fc.constantFrom(...Object.keys(ENGINE_CALLS)),
  )
  .map(([depth, [open, close], isCall, name]) => {
    const deep = open!.repeat(depth) + (close ? '0' : '') + close!.repeat(depth)
    return header(
      isCall
        ? `{"value":{"call":0,"name":"${name}","args":[${deep}]},"arrays":[]}`
        : `{"value":${deep},"arrays":[]}`,
    )
  })
/** Much in little: as many values as fit, arrays that are announced and not there. */
const huge = fc
  .tuple(fc.constantFrom('[],', '{},', '0,', '"",'), fc.constantFrom(1e4, 1e6), fc.nat(2 ** 31))
  .map(([item, count, length]) =>
    header(
      `{"value":{"call":0,"name":"setLabels","args":[${item.repeat(count)}0]},` +
        `"arrays":[{"path":["args"],"type":"Float64Array","length":${length}}]}`,
    ),
  )
const anyFrame = fc.oneof(
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: handed.map(messageToFrame) },
  { weight: 6, arbitrary: call.map(messageToFrame) },
  { weight: 2, arbitrary: argument.map(messageToFrame) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.tuple(call, fc.nat(60), fc.nat(255)).map(([message, at, value]) => {
      const frame = messageToFrame(message)
      frame[at % frame.length] = value
      return frame
    }),
  },
)
/** One in so many is larger than the server takes, and one large in what it holds. */
const OVERSIZED_EVERY = 5000
const HUGE_EVERY = 500

export async function fuzzSocket(
  host: WebHost,
  { messages, seed }: { readonly messages: number; readonly seed: number },
): Promise<void> {
  let page = await openPage(host)
  let sent = 0
  for (const sample of fc.sample(anyFrame, { numRuns: messages, seed })) {
    sent++
    const data =
      sent % OVERSIZED_EVERY === 1
        ? new Uint8Array(MAX_MESSAGE_BYTES + 1)
        : sent % HUGE_EVERY === 2
          ? fc.sample(huge, { numRuns: 1, seed: seed + sent })[0]!
          : sample
    await send(page.socket, data)
    if (isFrame(data)) continue
    // What is no frame closes the socket; the flood goes on over the next one.
    await page.closed
    page = await openPage(host)
  }
  page.socket.close()
  await page.closed
  // A page of its own: on the flood's, the answers to nonsense have the numbers of its calls.
  const after = await openPage(host)
  await after.api.snapshot()
  after.socket.close()
}

function isFrame(data: string | Uint8Array): boolean {
  if (typeof data === 'string' || data.length > MAX_MESSAGE_BYTES) return false
  try {
    frameToMessage(data, MAX_MESSAGE_VALUES)
    return true
  } catch {
    return false
  }
}

const send = (socket: WebSocket, data: string | Uint8Array) =>
  new Promise<void>((resolve) => socket.send(data, () => resolve()))

/** As JSON would carry it. */
function json(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
  } catch {
    return null
  }
}
