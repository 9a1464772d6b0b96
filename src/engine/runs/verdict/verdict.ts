// Settings and a reference -> which is better: images of the same seeds, a look at 64, 128, 256, ... of each, until the
// question is decided or the budget is spent. A stopped verdict resumes.
//   verdict.json         the request, the settings, and every look
//   cells/NAME/          a run folder of each setting; metrics.jsonl after the last look
import { oneDevice } from '../../../shared/models/devices.ts'
import { join } from 'node:path'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { SampleSpec, VerdictSpec } from '../../../shared/run/run.ts'
import type { Cell } from '../../../shared/sweep/plan.ts'
import { nextLook } from '../../../shared/verdict/looks.ts'
import { hasTime, outcomeOf } from '../../../shared/verdict/outcome.ts'
import { verdictSentence } from '../../../shared/verdict/sentence.ts'
import { checkSettings, settingWords } from '../../../shared/verdict/settings.ts'
import type { Look } from '../../../shared/verdict/verdict.ts'
import { makeFolder } from '../../bytes/index.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { cellFolder, finishedImages, VERDICT_RECORD } from '../../records/workspace.ts'
import { openWorkFolder } from '../../records/work-folder.ts'
import { runEvaluate } from '../evaluation/evaluate.ts'
import { holdsStatistics } from '../evaluation/image-set.ts'
import { readReference } from '../evaluation/reference.ts'
import { runSample } from '../sample.ts'
import { lastStamp } from '../sweep/sweep-record.ts'
import { plannedCells, sweepRecipe } from '../sweep/sweep.ts'
import { measureLook } from './measure-look.ts'
import { VerdictRecordSchema, type VerdictRecord } from './verdict-record.ts'

/** Writes the request, so that the verdict can be resumed. Throws RequestError for settings that cannot be compared. */
export async function recordVerdict(spec: VerdictSpec): Promise<void> {
  const { close } = await openVerdict(spec)
  await close()
}

export async function runVerdict(spec: VerdictSpec, callbacks: RunCallbacks): Promise<RunResult> {
  await checkReference(spec)
  const { cells, record, saveRecord, close } = await openVerdict(spec)
  try {
    await makeFolder(join(spec.out, 'cells'))
    let looks = record.looks
    for (;;) {
      const n = nextLook(looks.at(-1)?.n ?? 0, spec.base.count)
      if (n === undefined || outcomeOf(looks, spec.by)?.decided || !hasTime(looks, n, spec.minutes)) break
      const beaten = new Set(looks.at(-1)?.settings.flatMap(({ name, beatenBy }) => (beatenBy ? name : [])))
      const open = cells.filter(({ name }) => !beaten.has(name))
      looks = [...looks, await makeLook(spec, cells, open, looks, n, callbacks)]
      await saveRecord({ ...record, looks })
      callbacks.partFinished?.(String(n))
    }
    for (const cell of cells) await stampCell(spec, cell, callbacks)
    await saveRecord({ ...record, looks, ended: new Date().toISOString() })
    const { by, measure } = spec
    const settings = await Promise.all(
      cells.map(async (cell) => {
        const measured = await lastStamp(cellFolder(spec.out, cell.name))
        return { ...settingWords(cell), ...(measured ? { measured } : {}) }
      }),
    )
    const told = { looks, by, protocol: measure.protocol, reference: measure.reference, settings }
    return {
      finished: looks.at(-1)?.n ?? 0,
      summary: verdictSentence(told),
    }
  } finally {
    await close()
  }
}

async function openVerdict(spec: VerdictSpec) {
  const cells = settingsOf(spec)
  const { base, measure, by, axes } = spec
  const recipe = { ...sweepRecipe({ base, measure }), axes, by }
  const folder = await openWorkFolder(spec.out, VERDICT_RECORD, VerdictRecordSchema, recipe)
  const { earlier, saveRecord, close } = folder
  try {
    const record: VerdictRecord = {
      schema: 1,
      app: `${APP.name} ${APP.version}`,
      recipe,
      spec,
      cells: cells.map(({ name, values }) => ({ name, values })),
      looks: earlier?.looks ?? [],
      started: earlier?.started ?? new Date().toISOString(),
    }
    await saveRecord(record)
    return { cells, record, saveRecord, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws RequestError for axes that make no question. */
export function settingsOf({ base, axes }: Pick<VerdictSpec, 'base' | 'axes'>): Cell[] {
  const cells = plannedCells({ base, axes })
  try {
    checkSettings(cells, base.count)
  } catch (error) {
    throw new RequestError((error as Error).message, { cause: error })
  }
  return cells
}

async function checkReference({ by, measure: { reference } }: VerdictSpec): Promise<void> {
  if (by !== 'kid' || !(await holdsStatistics(reference)) || (await readReference(reference)).hasImages)
    return
  throw new RequestError(`${reference}: KID needs the images of the reference (found statistics)`)
}

async function makeLook(
  spec: VerdictSpec,
  cells: readonly Cell[],
  open: readonly Cell[],
  before: readonly Look[],
  n: number,
  callbacks: RunCallbacks,
): Promise<Look> {
  const begun = performance.now()
  let made = 0
  for (const [i, cell] of open.entries()) {
    callbacks.signal.throwIfAborted()
    const out = cellFolder(spec.out, cell.name)
    const there = (await finishedImages(join(out, 'images')).catch(() => [])).length
    const words = `${n} images each, ${settingWords(cell).words}`
    const sample: SampleSpec = { ...cell.spec, count: n, out }
    await runSample(sample, {
      ...callbacks,
      progress: (step, of, note) =>
        callbacks.progress(n * i + (n * step) / Math.max(1, of), n * open.length, `${words}: ${note}`),
      preview: (preview) => callbacks.preview?.(preview, cell.name),
      finished: (image) => callbacks.finished?.(image, cell.name),
    })
    made += Math.max(0, n - there)
  }
  const total = n * open.length
  const found = await measureLook(spec, cells, open, before, n, {
    ...callbacks,
    progress: (_step, _of, note) => callbacks.progress(total, total, `${n} images each: ${note}`),
  })
  return {
    ...found,
    images: made,
    seconds: (performance.now() - begun) / 1000,
    at: new Date().toISOString(),
  }
}

/** The protocol's other results with their stamp, for tables. */
async function stampCell({ out, measure }: VerdictSpec, { name, spec }: Cell, callbacks: RunCallbacks) {
  const folder = cellFolder(out, name)
  await runEvaluate(
    {
      kind: 'evaluate',
      model: spec.model,
      ...(spec.choose ? { choose: spec.choose } : {}),
      device: oneDevice(spec.device),
      out: folder,
      images: folder,
      perClass: false,
      confidence: false,
      ...measure,
    },
    { ...callbacks, progress: (_step, _of, note) => callbacks.progress(1, 1, note) },
  )
}
