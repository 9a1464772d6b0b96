// The workspace, and the folders of checkpoints -> training logs, and their contents.
//   outputs/EXPERIMENT/train.log and outputs/EXPERIMENT/tb/TAG/events.out.tfevents.*   beside checkpoints/ (fairseq)
//   WORKSPACE/logs/ID/NAME                                                           handed over
import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { MAX_NAME_BYTES } from '../../shared/contract/copied-files.ts'
import { FormatError, RequestError } from '../../shared/errors.ts'
import type { LogContents, LogSeries, TrainingLog } from '../../shared/evaluation/training-logs.ts'
import { bytesSource, contentOf, makeFolder, openFile, type Source, writeFileAtomic } from '../bytes/index.ts'
import { readEventFiles, readTrainLog } from '../logs/index.ts'

interface FoundLog extends TrainingLog {
  /** Files of it, or the one. */
  readonly files: readonly string[]
  /** Tags are named from here: `valid/loss`. */
  readonly folder: string
}

const EVENTS = /^events\.out\.tfevents\./
const ID_DIGITS = 12
/** A larger log is not useful in a chart, and its text would not fit into memory. */
const MOST_BYTES = 2 ** 30

const digest = (data: string | Uint8Array) =>
  createHash('sha256').update(data).digest('hex').slice(0, ID_DIGITS)

/** Logs next to checkpoints come first. */
export async function findLogs(workspace: string, checkpoints: readonly string[]): Promise<FoundLog[]> {
  const folders = [...new Set(checkpoints.map(dirname))].filter((path) => basename(path) === 'checkpoints')
  const beside = await Promise.all(folders.map((folder) => logsOf(dirname(folder))))
  return [...beside.flat(), ...(await keptLogs(workspace))]
}

async function logsOf(experiment: string): Promise<FoundLog[]> {
  const named = (files: readonly string[], place: string): FoundLog => ({
    id: digest(join(experiment, place)),
    name: `${basename(experiment)}/${place}`,
    found: true,
    files,
    folder: join(experiment, place),
  })
  const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false
  const text = join(experiment, 'train.log')
  const events = await eventFiles(join(experiment, 'tb'))
  return [
    ...((await isFile(text)) ? [named([text], 'train.log')] : []),
    ...(events.length > 0 ? [named(events, 'tb')] : []),
  ]
}

async function eventFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return names
    .filter((name) => EVENTS.test(basename(name)))
    .sort()
    .map((name) => join(folder, name))
}

async function keptLogs(workspace: string): Promise<FoundLog[]> {
  const ids = await readdir(join(workspace, 'logs')).catch(() => [])
  const found: FoundLog[] = []
  for (const id of ids) {
    const folder = join(workspace, 'logs', id)
    const [name] = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'))
    if (name !== undefined) found.push({ id, name, found: false, files: [join(folder, name)], folder })
  }
  return found
}

/** Saves a log in the workspace. Throws FormatError if it is not a log. */
export async function keepLog(workspace: string, name: string, bytes: Uint8Array): Promise<TrainingLog> {
  const plain = basename(name.replaceAll('\\', '/')).replace(/^\.+/, '') || 'log'
  await seriesIn(bytesSource(plain, bytes))
  if (Buffer.byteLength(plain) > MAX_NAME_BYTES)
    throw new FormatError(plain, `file name too long (expected at most ${MAX_NAME_BYTES} bytes)`)
  const id = digest(bytes)
  const folder = join(workspace, 'logs', id)
  await makeFolder(folder)
  await writeFileAtomic(join(folder, plain), bytes)
  return { id, name: plain, found: false }
}

export const removeKeptLog = (workspace: string, id: string): Promise<void> =>
  rm(join(workspace, 'logs', id), { recursive: true, force: true })

/**
 * All tags; those in TensorBoard's subfolders start with the folder's name. Files that cannot be read are reported in
 * the notes. Throws FormatError if none can.
 */
export async function readFoundLog({ files, folder }: FoundLog): Promise<LogContents> {
  const runs = new Map<string, string[]>()
  for (const path of files) runs.set(dirname(path), [...(runs.get(dirname(path)) ?? []), path])
  const [all, notes, problems] = [[] as LogSeries[], [] as string[], [] as unknown[]]
  for (const [place, paths] of runs) {
    const below = files.length > 1 ? relative(folder, place).split(sep).join('/') : ''
    const read = await contentsOf(paths).catch((error: unknown) => void problems.push(error))
    if (!read) continue
    notes.push(...read.notes)
    for (const series of read.series)
      all.push(
        below === '' || series.tag.startsWith(`${below}/`)
          ? series
          : { ...series, tag: `${below}/${series.tag}` },
      )
  }
  if (problems.length === runs.size) throw problems[0]
  return { series: all, notes: [...notes, ...problems.map((problem) => (problem as Error).message)] }
}

/** The files of one run. */
async function contentsOf(paths: readonly string[]): Promise<LogContents> {
  const sources: Source[] = []
  try {
    for (const path of paths) sources.push(await openFile(path))
    return await (sources.length === 1 ? seriesIn(sources[0]!) : readEventFiles(sources))
  } finally {
    for (const source of sources) await source.close()
  }
}

async function seriesIn(source: Source): Promise<LogContents> {
  if (source.size > MOST_BYTES)
    throw new RequestError(`${source.name}: log file too large (${source.size} bytes, maximum ${MOST_BYTES})`)
  if (EVENTS.test(source.name) || source.name.includes('tfevents')) return readEventFiles([source])
  try {
    return await readTrainLog(source)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    // Renamed: the content says what it is.
    return readEventFiles([source]).catch(async () => {
      throw new FormatError(
        source.name,
        `not a TensorBoard event file or a fairseq train.log with log_format: json (found ${await contentOf(source)})`,
      )
    })
  }
}
