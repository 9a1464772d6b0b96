// Devices a network can run on, by the names used in runs and commands.
import * as z from 'zod'

export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const
/** What a page offers for a run that makes images: `all` shares them among the cards of the machine. */
export const RUN_DEVICES = [...DEVICES, 'all'] as const
export type DeviceName = (typeof DEVICES)[number]

/** Providers with a choice of cards; `cpu:0`, `cpu:1`, ... are processes on the processor. */
const WITH_CARDS = ['cuda', 'dml', 'cpu'] as const
export type CardProvider = (typeof WITH_CARDS)[number]

/** One card, each with an engine process of its own. */
export interface Card {
  readonly provider: CardProvider
  readonly number: number
}

const CARD = new RegExp(`^(${WITH_CARDS.join('|')}):(\\d{1,2})$`)

/**
 * Of a run that makes images: a device, `all` for all cards of the machine, or cards of one kind: `cuda:1`,
 * `cuda:0,cuda:2`.
 */
export const RunDeviceSchema = z.union([
  z.enum([...DEVICES, 'all']),
  z.custom<CardList>(
    (text) => typeof text === 'string' && cardsOf(text) !== undefined,
    `not a device (expected ${DEVICES.join(', ')}, all, or cards such as cuda:0,cuda:1)`,
  ),
])
export type CardList = `${CardProvider}:${string}`
export type RunDevice = DeviceName | 'all' | CardList

/** The cards of a list; undefined for anything else. */
export function cardsOf(device: string): Card[] | undefined {
  const cards = device.split(',').map((text) => CARD.exec(text))
  if (cards.some((found) => found === null)) return undefined
  const named = cards.map((found) => ({ provider: found![1] as CardProvider, number: Number(found![2]) }))
  const isOneKind = named.every(({ provider }) => provider === named[0]!.provider)
  const isOnce = new Set(named.map(({ number }) => number)).size === named.length
  return isOneKind && isOnce ? named : undefined
}

export const cardName = ({ provider, number }: Card): string => `${provider}:${number}`

/** For work that uses one device, beside a run on several cards. */
export function oneDevice(device: RunDevice): DeviceName {
  const [card] = cardsOf(device) ?? []
  return card?.provider ?? (device === 'all' ? 'auto' : (device as DeviceName))
}
