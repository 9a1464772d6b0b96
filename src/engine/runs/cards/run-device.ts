// The device of a run that makes images -> one device, or several cards.
import { cardName, cardsOf, type Card, type RunDevice } from '../../../shared/models/devices.ts'
import { chooseDevice, countCards } from '../../devices/device-probe.ts'
import type { DeviceChoice } from '../../session/index.ts'

export interface RunDevices {
  readonly device: DeviceChoice
  /** None: the run computes in its own process. */
  readonly cards: readonly Card[]
}

/** Rejects with RequestError if a named device cannot be used. */
export async function chooseRunDevice(name: RunDevice): Promise<RunDevices> {
  const named = cardsOf(name)
  if (named) return ofCards(named, 'as requested')
  const device = await chooseDevice(name === 'all' ? 'auto' : (name as Parameters<typeof chooseDevice>[0]))
  const { provider } = device
  if (name !== 'all' || (provider !== 'cuda' && provider !== 'dml')) return { device, cards: [] }
  const count = await countCards(provider)
  if (count < 2) return { device, cards: [] }
  return ofCards(
    Array.from({ length: count }, (_, number) => ({ provider, number })),
    `all ${count} cards`,
  )
}

function ofCards(cards: readonly Card[], why: string): RunDevices {
  const reason = `${cards.map(cardName).join(', ')}, ${why}`
  return { device: { provider: cards[0]!.provider, reason }, cards }
}
