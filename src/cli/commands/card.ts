// `digit card`: the process of one card, which a run on several cards starts.
import { Command } from 'commander'
import { serveCard } from '../../engine/runs/cards/serve-card.ts'

export const cardCommand = (): Command => new Command('card').action(serveCard)
