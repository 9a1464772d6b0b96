// A file with several models of one kind -> which one is recommended, and how a person names another: FILE#PREFIX.
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ModelFile } from '../../shared/models/models.ts'

type Named = Pick<ModelFile, 'path' | 'prefix' | 'versions'>

/** A word of a prefix -> its rank, the lowest first. */
const RANKS: ReadonlyMap<string, number> = new Map([
  // DINOv2 evaluates the teacher, I-JEPA the target encoder: both are moving averages of what is trained.
  ['teacher', 0],
  ['target', 0],
  // timm (state_dict_ema), BasicSR (params_ema), LlamaGen and others (ema, model_ema).
  ['ema', 1],
  ['averaged', 1],
  ['student', 3],
  ['online', 3],
  // fairseq stores an average in extra_state.ema, but loads `model`.
  ['extra', 4],
  ['optimizer', 4],
])
/** Of a prefix without these words: `model.`, `state_dict.`. */
const PLAIN = 2

/** The prefixes of the models of one kind in a file, the recommended one first. */
export const byRecommendation = (prefixes: readonly string[]): string[] =>
  prefixes
    .map((prefix) => ({ prefix, rank: rankOf(prefix) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ prefix }) => prefix)

function rankOf(prefix: string): number {
  const ranks = prefix
    .toLowerCase()
    .split(/[._]/)
    .flatMap((word) => RANKS.get(word) ?? [])
  const last = Math.max(PLAIN, ...ranks)
  return last > PLAIN ? last : Math.min(PLAIN, ...ranks)
}

/** How a person names this model: its file, and the prefix where the file has several of its kind. */
export const choiceOf = ({ path, prefix, versions }: Named): string => (versions ? `${path}#${prefix}` : path)

/** Whether `choice` names this model: FILE, or FILE#PREFIX with or without the last dot. */
export function isChoice(choice: string, { path, prefix }: Named): boolean {
  const wanted = resolve(choice)
  return wanted === path || [`${path}#${prefix}`, `${path}#${prefix.replace(/\.$/, '')}`].includes(wanted)
}

/** FILE#PREFIX -> its file, and `#PREFIX`; the whole text is a file if there is one of that name. */
export async function splitChoice(choice: string): Promise<{ file: string; prefix: string }> {
  const at = choice.lastIndexOf('#')
  const whole = { file: choice, prefix: '' }
  if (at < 0) return whole
  const isFile = await access(choice).then(
    () => true,
    () => false,
  )
  return isFile ? whole : { file: choice.slice(0, at), prefix: choice.slice(at) }
}
