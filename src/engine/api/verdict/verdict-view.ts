// A verdict on disk -> its description for a page: no paths, and a state derived only from its files.
import type { RunStatus, SampleSpec } from '../../../shared/run/run.ts'
import { verdictSentence } from '../../../shared/verdict/sentence.ts'
import { settingWords } from '../../../shared/verdict/settings.ts'
import type { WorkspaceVerdict } from '../../../shared/verdict/verdict.ts'
import type { CellState } from '../../runs/sweep/sweep-record.ts'
import type { VerdictRecord } from '../../runs/verdict/verdict-record.ts'
import { askedFields } from '../runs/run-view.ts'
import { checkpointKey, measuredForPage, referenceWords, valuesForPage } from '../sweep/sweep-view.ts'

/** The request; a generator's file without its folder. */
function baseForPage(base: SampleSpec): WorkspaceVerdict['base'] {
  const request = askedFields(base).request!
  const { generator } = request
  if (generator?.file === undefined) return request
  return { ...request, generator: { ...generator, file: checkpointKey(generator.file) } }
}

export function verdictForPage(
  id: string,
  { spec, looks, started, ended }: VerdictRecord,
  states: readonly CellState[],
  live: RunStatus | undefined,
  elsewhere: string | undefined,
): WorkspaceVerdict {
  const { base, by, minutes, measure } = spec
  const told = {
    settings: states.map((state) => ({
      ...settingWords(state),
      run: `${id}@${state.name}`,
      images: state.images,
      values: valuesForPage(state.values),
      ...(state.stamp ? { measured: measuredForPage(state.stamp) } : {}),
    })),
    looks,
    by,
    protocol: measure.protocol,
    reference: referenceWords(measure.reference),
  }
  const isDone = ended !== undefined && looks.length > 0
  const finished = looks.at(-1)?.n ?? 0
  const fromDisk: RunStatus = elsewhere
    ? { state: 'running', step: 0, of: 1, note: `in use by ${elsewhere}` }
    : isDone
      ? { state: 'done', finished, summary: verdictSentence(told) }
      : { state: 'cancelled', finished }
  return Object.freeze({
    id,
    started,
    ...told,
    base: baseForPage(base),
    ...(minutes === undefined ? {} : { minutes }),
    status: live ?? fromDisk,
    ...(elsewhere && !live ? { elsewhere: true } : {}),
  })
}
