// Two records that should be of the same run -> their differences: models, settings, versions, device.
import { shortHash } from '../../shared/models/model-hash.ts'
import type { RunRecord } from '../records/run-folder.ts'
import type { ReproduceJob } from './reproduce-jobs.ts'

/** A field of the recipe -> its name in words, and the role of the file if it is a hash. */
const FIELDS: Readonly<Record<string, readonly [words: string, role?: string]>> = {
  'stage1.sha256': ['the stage 1 model', 'stage1'],
  'stage2.sha256': ['the stage 2 model', 'stage2'],
  vqgan: ['the VQGAN', 'vqgan'],
  encoder: ['the encoder', 'encoder'],
  codebook: ['the codebook', 'codebook'],
  provider: ['the device'],
  weightBits: ['the precision in bits'],
}
/** They identify the inputs of the whole run, which differ when only a part is made again. */
const OF_THE_WHOLE = new Set(['sources', 'pinned'])
/** Models that made the tokens; irrelevant for an image that is made again from its tokens. */
const BEFORE_TOKENS = new Set(['encoder', 'codebook'])

export function causesOf(then: ReproduceJob, now: RunRecord): string[] {
  const causes = differences(then.recipe, now.recipe, '')
    .filter(({ field }) => !OF_THE_WHOLE.has(field.split('.')[0]!))
    .filter(({ field }) => !then.grid || !BEFORE_TOKENS.has(field))
    .map(({ field, there, here }) => {
      const [words, role] = FIELDS[field] ?? [`the setting ${field}`]
      const path = now.models.find((model) => model.role === role)?.path
      return `${words} was ${shown(there)} and is ${shown(here)}${path ? ` (${path})` : ''}`
    })
  const versions = differences(then.versions, now.versions, '').map(
    ({ field, there, here }) => `${field} was ${shown(there)} and is ${shown(here)}`,
  )
  const app = then.app === now.app ? [] : [`the program was ${then.app} and is ${now.app}`]
  return [...causes, ...app, ...(then.versions ? versions : [])]
}

interface Difference {
  readonly field: string
  readonly there: unknown
  readonly here: unknown
}

/** Every field in which two records differ, by its path. */
function differences(there: unknown, here: unknown, field: string): Difference[] {
  if (isObject(there) && isObject(here))
    return [...new Set([...Object.keys(there), ...Object.keys(here)])].flatMap((key) =>
      differences(there[key], here[key], field === '' ? key : `${field}.${key}`),
    )
  return there === here ? [] : [{ field, there, here }]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Hashes are shortened. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'absent'
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[0-9a-f]{64}(#|$)/.test(value) ? `${shortHash(value)}…` : value
}
