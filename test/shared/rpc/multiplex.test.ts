import { expect, it } from 'vitest'
import type { Channel } from '../../../src/shared/rpc/channel.ts'
import { multiplex, type Carrier } from '../../../src/shared/rpc/multiplex.ts'

/** Two carriers, each the other's end, and a way to cut them. */
function carriers() {
  const ends = [0, 1].map(() => ({ heard: (_: unknown) => {}, closed: () => {} }))
  const end = (here: number): Carrier => ({
    post: (data) => ends[1 - here]!.heard(structuredClone(data)),
    on: (heard, closed) => void (ends[here] = { heard, closed }),
  })
  return { here: end(0), there: end(1), cut: () => ends.forEach(({ closed }) => closed()) }
}

/** Everything a channel hears; `gone` at its end. */
function ear(channel: Channel): unknown[] {
  const heard: unknown[] = []
  channel.on(
    (message) => heard.push(message),
    () => heard.push('gone'),
  )
  return heard
}
const event = (name: string) => ({ event: name, args: [] })

it('lines are separate, and close one by one or with the carrier', () => {
  const { here, there, cut } = carriers()
  const opened: Channel[] = []
  const heardThere: unknown[][] = []
  multiplex(there, (channel, line) => {
    opened[line] = channel
    heardThere[line] = ear(channel)
  })
  const open = multiplex(here)
  const lines = [open(), open()]
  const heardHere = lines.map(ear)
  lines[1]!.post(event('one'))
  lines[0]!.post(event('zero'))
  opened[1]!.post(event('back'))
  expect(heardThere).toEqual([[event('zero')], [event('one')]])
  expect(heardHere).toEqual([[], [event('back')]])
  const unheard = open()
  unheard.close()
  expect(heardThere.pop()).toEqual(['gone'])
  expect(ear(unheard)).toEqual(['gone'])
  lines[0]!.close()
  lines[1]!.post(event('still'))
  expect(heardThere).toEqual([
    [event('zero'), 'gone'],
    [event('one'), event('still')],
  ])
  expect(heardHere[0]).toEqual(['gone'])
  cut()
  expect([heardHere[1]!.at(-1), heardThere[1]!.at(-1)]).toEqual(['gone', 'gone'])
  expect(ear(open())).toEqual(['gone'])
})
