// Two ends of a channel within one process; messages are cloned as a port clones them.
import type { Channel } from '../../../src/shared/rpc/channel.ts'

export function memoryChannels(): [Channel, Channel] {
  const ends = [0, 1].map(() => ({ heard: (_: unknown) => {}, closed: () => {} }))
  const end = (here: number): Channel => ({
    post(message) {
      const copy: unknown = structuredClone(message)
      queueMicrotask(() => ends[1 - here]!.heard(copy))
    },
    on: (heard, closed) => void (ends[here] = { heard, closed }),
    close: () => ends.forEach(({ closed }) => closed()),
  })
  return [end(0), end(1)]
}
