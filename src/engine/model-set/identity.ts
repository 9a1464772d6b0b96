// One model of a file, as far as its tensors and configuration say, and why it cannot be used.
import { basename } from 'node:path'
import type { ModelFile } from '../../shared/models/models.ts'
import type { Weights } from '../checkpoint/index.ts'
import type { ModelTensors } from '../models/tensors.ts'
import type { Network } from './places.ts'
import { reconcile, type BuiltGraph } from './reconcile.ts'

/** One model of a file: a ModelFile without what only the file system knows. */
export type Identity = Pick<ModelFile, 'kind' | 'prefix' | 'summary' | 'facts' | 'notes' | 'versions'> & {
  readonly problem?: string
}

export type Facts = Record<string, number | string | boolean>

const EXPECTED: ReadonlySet<string> = new Set(['FormatError', 'ModelError', 'RequestError'])

/** The identity with what its tensors say of the network built of them: notes, or a problem. */
export function settled(
  weights: Weights,
  network: Network,
  identity: Identity,
  build: (tensors: ModelTensors) => readonly BuiltGraph[],
): Identity {
  try {
    const notes = reconcile(weights, network, identity.prefix, build)
    return { ...identity, ...(notes.length > 0 ? { notes } : {}) }
  } catch (error) {
    return { ...identity, problem: withoutPath(error, weights.path) }
  }
}

/** A file that could not be read at all: it may be any model. */
export const unreadable = (problem: string): Identity => {
  const { facts, ...identity } = unknown(problem)
  return { ...identity, facts: { ...facts, unreadable: true } }
}

export const unknown = (problem: string, tensors = 0): Identity => ({
  kind: 'unknown',
  prefix: '',
  summary: 'unknown model',
  facts: { tensors },
  problem,
})

/** The problem of a file without its path, which is already in its entry. */
export function withoutPath(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error)
  const { name, message } = error
  // Unexpected errors keep their name: they are faults of this program.
  if (!EXPECTED.has(name) && !('code' in error)) return `${name}: ${message}`
  const named = [path, basename(path)].find((place) => message.startsWith(`${place}: `))
  return named === undefined ? message : message.slice(named.length + 2)
}
