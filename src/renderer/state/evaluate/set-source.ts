// An image set <-> its name in an address.
import type { SetSource } from '../../../shared/evaluation/measurements.ts'

/** `demo`, `run.20261123-044438-5f0c`, `set.0123456789ab`. */
export const sourceKey = (source: SetSource): string =>
  source.kind === 'demo' ? 'demo' : source.kind === 'run' ? `run.${source.run}` : `set.${source.set}`

export function sourceOfKey(key: string | undefined): SetSource | undefined {
  if (key === 'demo') return { kind: 'demo' }
  const [, kind, id = ''] = /^(run|set)\.(.+)$/.exec(key ?? '') ?? []
  return kind === 'run' ? { kind, run: id } : kind === 'set' ? { kind, set: id } : undefined
}
