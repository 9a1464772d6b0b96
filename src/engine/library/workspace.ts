// The workspace folder -> the runs in it. Files are the record; nothing about a run is remembered anywhere else:
//   runs/ID/request.json      what was asked and when, written before the run is queued
//   runs/ID/run.json          the same with everything else, once the run has started
//   runs/ID/images/000000.png finished images
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { RunIdSchema } from '../../shared/run.ts'
import { FormatError, RequestError } from '../../shared/errors.ts'
import { SampleSpecSchema, type SampleSpec } from '../../shared/run.ts'
import { writeFileAtomic } from '../bytes/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** DIGIT_WORKSPACE, or the place the operating system has for a program's data. */
export function workspaceFolder(
  environment: Environment = process.env,
  platform: string = process.platform,
): string {
  const { DIGIT_WORKSPACE, LOCALAPPDATA, XDG_DATA_HOME } = environment
  if (DIGIT_WORKSPACE) return DIGIT_WORKSPACE
  if (platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'digit-workbench', 'workspace')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'digit-workbench')
  // The XDG specification says to ignore relative paths.
  const base = XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : join(homedir(), '.local', 'share')
  return join(base, 'digit-workbench')
}

export interface FoundRun {
  readonly id: string
  /** ISO time. */
  readonly started: string
  /** Absent where the folder does not say, or holds a run of another kind. */
  readonly spec?: SampleSpec
  readonly images: readonly number[]
  /** Why the folder cannot be understood. */
  readonly problem?: Error
}

/** Throws RequestError for what is no run id. */
export function runFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}' is no run id`)
  return join(workspace, 'runs', id)
}

const IMAGE_NAME = /^(\d{6,})\.png$/
export const imageName = (image: number) => `${String(image).padStart(6, '0')}.png`

/** Numbers of the images in a folder, ascending. */
export async function finishedImages(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names.flatMap((name) => IMAGE_NAME.exec(name)?.slice(1, 2).map(Number) ?? []).sort((a, b) => a - b)
}

/** Makes the run's folder and puts down what is asked of it. */
export async function saveRequest(workspace: string, id: string, spec: SampleSpec, started: string) {
  const folder = runFolder(workspace, id)
  await mkdir(folder, { recursive: true })
  const request = JSON.stringify({ schema: 1, started, spec }, null, 2)
  await writeFileAtomic(join(folder, 'request.json'), request + '\n')
}

/** Every run in the workspace, newest first. A folder that cannot be understood is told with its problem. */
export async function findRuns(workspace: string): Promise<FoundRun[]> {
  const entries = await readdir(join(workspace, 'runs'), { withFileTypes: true }).catch(emptyIfMissing)
  const ids = entries
    .filter((entry) => entry.isDirectory() && RunIdSchema.safeParse(entry.name).success)
    .map(({ name }) => name)
  const runs: FoundRun[] = []
  // One after another: a thousand folders opened at once would leave no file handles for a run at work.
  for (const id of ids) runs.push(await readRun(workspace, id))
  return runs.sort((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : 0))
}

export async function readRun(workspace: string, id: string): Promise<FoundRun> {
  const folder = runFolder(workspace, id)
  const images = await finishedImages(join(folder, 'images')).catch(() => [])
  try {
    return { id, images, ...(await readAsked(folder)) }
  } catch (error) {
    const info = await stat(folder).catch(() => undefined)
    if (!info) throw new RequestError(`there is no run '${id}'`)
    return { id, images, started: info.mtime.toISOString(), problem: error as Error }
  }
}

async function readAsked(folder: string): Promise<Pick<FoundRun, 'started' | 'spec'>> {
  const { text, file } = await readFile(join(folder, 'run.json'), 'utf8').then(
    (text) => ({ text, file: 'run.json' }),
    async () => ({ text: await readFile(join(folder, 'request.json'), 'utf8'), file: 'request.json' }),
  )
  const broken = (problem: string) => new FormatError(file, problem)
  let record: { started?: unknown; spec?: { kind?: unknown } } | null
  try {
    record = JSON.parse(text) as typeof record
  } catch (error) {
    throw broken((error as Error).message)
  }
  const started = record?.started
  if (typeof started !== 'string' || Number.isNaN(Date.parse(started)))
    throw broken('does not say when the run started')
  const { success, data } = SampleSpecSchema.safeParse(record?.spec)
  if (success) return { started, spec: data }
  if (record?.spec?.kind === 'sample') throw broken('what it asks for is not understood')
  return { started }
}

function emptyIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw new RequestError(`the workspace cannot be read: ${error.message}`, { cause: error })
}
