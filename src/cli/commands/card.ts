// `digit card`: the process of one card, which a run on several cards starts.
import { Command } from 'commander'
import { serveCard } from '../../engine/runs/cards/serve-card.ts'

export const cardCommand = (): Command =>
  new Command('card')
    .description(
      'Compute images on one card. A run on several cards starts this; it needs a channel to that run.',
    )
    .addHelpText('after', EXAMPLES)
    .action(serveCard)

const EXAMPLES = `
Examples:
  digit card   (started by digit sample --device cuda:0,cuda:1)`
