// The workspace folder -> the runs in it. The files are the only record of a run:
//   runs/ID/request.json      request and time, written before the run is queued
//   runs/ID/run.json          models and device once the run has started; for a run of the command line, everything
//   runs/ID/name.txt          the name that someone gave it
//   runs/ID/images/000000.png finished images
//   runs/ID/sources/SHA256    source pictures of a reconstruction
//   sweeps/ID                 a sweep; each of its cells is a run (runs/sweep/sweep.ts)
//   verdicts/ID               settings compared; each of them is a run (runs/verdict/verdict.ts)
//   trash/ID                  runs that were removed from the library
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { ImageRunIdSchema, RunIdSchema } from '../../shared/run/run.ts'
import { packedNames, subfolders, writeFirstFile } from '../bytes/index.ts'
import { readRunName } from './run-name.ts'
import { readAsked, type AskedRun, type KeptSpec } from './run-files.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** DIGIT_WORKSPACE, or the data folder of the operating system. */
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

/** The request and its results. `started` is the creation time of the folder if nothing records it. */
export interface FoundRun extends AskedRun {
  readonly id: string
  /** Given by a person. */
  readonly name?: string
  /** Numbers of the finished images, ascending. */
  readonly images: readonly number[]
  /** Why the folder is invalid. */
  readonly problem?: Error
}

/** Throws RequestError if it is not a run id. */
export function runFolder(workspace: string, id: string): string {
  if (!ImageRunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a run id`)
  const [name = '', cell] = id.split('@')
  if (cell === undefined) return join(workspace, 'runs', name)
  const verdict = join(workspace, 'verdicts', name)
  return cellFolder(isVerdict(verdict) ? verdict : sweepFolder(workspace, name), cell)
}

/** Folder of a cell of a sweep or verdict, which is a run of its own. */
export const cellFolder = (sweep: string, cell: string): string => join(sweep, 'cells', cell)

/** A sweep of the workbench, or of `digit sweep`, whose folders are among the runs by default. */
export function sweepFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a sweep id`)
  const own = join(workspace, 'sweeps', id)
  const among = join(workspace, 'runs', id)
  return !isSweep(own) && isSweep(among) ? among : own
}

export const SWEEP_RECORD = 'sweep.json'
export const isSweep = (folder: string): boolean => existsSync(join(folder, SWEEP_RECORD))

/** Throws RequestError if it is not a verdict id. */
export function verdictFolder(workspace: string, id: string): string {
  if (!RunIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a verdict id`)
  return join(workspace, 'verdicts', id)
}
export const VERDICT_RECORD = 'verdict.json'
export const isVerdict = (folder: string): boolean => existsSync(join(folder, VERDICT_RECORD))

/** Folder of `digit sweep`, `digit compare` or `digit linear-probe`, which has no images of its own. */
const isOtherWork = (folder: string) =>
  isSweep(folder) || isVerdict(folder) || existsSync(join(folder, 'probe.json'))

const IMAGE_NAME = /^(\d{6,})\.png$/
export const imageName = (image: number) => `${String(image).padStart(6, '0')}.png`

/** Numbers of the images in a folder or its packs, ascending. */
export async function finishedImages(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  const packed = await packedNames(folder, names)
  const numbers = [...names, ...packed].flatMap(
    (name) => IMAGE_NAME.exec(name)?.slice(1, 2).map(Number) ?? [],
  )
  return [...(packed.length > 0 ? new Set(numbers) : numbers)].sort((a, b) => a - b)
}

/** Creates the run's folder and writes its request, replacing an earlier one. */
export async function saveRequest(workspace: string, id: string, spec: KeptSpec, started: string) {
  const request = JSON.stringify({ schema: 1, started, spec }, null, 2)
  await writeFirstFile(runFolder(workspace, id), 'request.json', request + '\n')
}

/** Every run in the workspace, newest first. An unreadable folder is listed with its problem. */
export async function findRuns(workspace: string): Promise<FoundRun[]> {
  const names = await subfolders(join(workspace, 'runs')).catch(emptyIfMissing)
  const ids = names.filter(
    (name) => RunIdSchema.safeParse(name).success && !isOtherWork(join(workspace, 'runs', name)),
  )
  const runs: FoundRun[] = []
  // One after another, because a thousand open folders would leave no file handles for a current run.
  for (const id of ids) runs.push(await readRun(workspace, id))
  return runs.sort((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : 0))
}

export const readRun = (workspace: string, id: string): Promise<FoundRun> =>
  readRunIn(runFolder(workspace, id), id)

/** Like `readRun` for a folder anywhere. */
export async function readRunIn(folder: string, id: string): Promise<FoundRun> {
  const images = await finishedImages(join(folder, 'images')).catch(() => [])
  const name = await readRunName(folder)
  const found = { id, images, ...(name === undefined ? {} : { name }) }
  try {
    return { ...found, ...(await readAsked(folder)) }
  } catch (error) {
    const info = await stat(folder).catch(() => undefined)
    if (!info) throw new RequestError(`run '${id}' not found`)
    return { ...found, started: info.mtime.toISOString(), problem: error as Error }
  }
}

/** Current path of the source picture of a reconstruction: the workspace may have been moved since the request. */
export function sourcePath(folder: string, path: string): string {
  const name = basename(path)
  return /^[0-9a-f]{64}$/.test(name) ? join(folder, 'sources', name) : path
}

function emptyIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw new RequestError(`cannot read the workspace: ${error.message}`, { cause: error })
}
