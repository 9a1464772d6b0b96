// What the workbench had open, kept in the workspace as models.json so that it is open again the next time:
//   {schema: 1, asked: [...], opened: [...], choice: {codebook: ...}}
// Paths inside the workspace are kept relative to it and the demo by name, so that both may move.
import { mkdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { MODEL_ROLES, type ModelChoice } from '../../shared/models/models.ts'
import { writeFileAtomic } from '../bytes/index.ts'
import { demoFolder } from '../model-set/resources.ts'

export interface KeptModels {
  /** What the host requested when these were opened; a different request starts over. */
  readonly asked: readonly string[]
  /** Absolute paths. */
  readonly opened: readonly string[]
  readonly choice: ModelChoice
}

const DEMO = ':demo:'
const fileOf = (workspace: string) => join(workspace, 'models.json')

/** Undefined if there is no or an invalid file: it is a convenience, not a record. */
export async function readKeptModels(workspace: string): Promise<KeptModels | undefined> {
  try {
    const kept = JSON.parse(await readFile(fileOf(workspace), 'utf8')) as Record<string, unknown>
    const path = (text: unknown) => fromText(workspace, text)
    const paths = (list: unknown) => (list as unknown[]).map(path)
    return {
      asked: paths(kept.asked),
      opened: paths(kept.opened),
      choice: mapChoice(kept.choice as ModelChoice, path),
    }
  } catch {
    return undefined
  }
}

export async function keepModels(workspace: string, { asked, opened, choice }: KeptModels): Promise<void> {
  const text = (path: string) => toText(workspace, path)
  const kept = {
    schema: 1,
    asked: asked.map(text),
    opened: opened.map(text),
    choice: mapChoice(choice, text),
  }
  await mkdir(workspace, { recursive: true })
  await writeFileAtomic(fileOf(workspace), `${JSON.stringify(kept, null, 2)}\n`)
}

/** True for a folder itself and for everything in it. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function toText(workspace: string, path: string): string {
  const demo = demoFolder()
  if (isInside(path, demo)) return [DEMO, ...relative(demo, path).split(sep)].filter(Boolean).join('/')
  if (!isInside(path, workspace)) return path
  return relative(workspace, path).split(sep).join('/')
}

function fromText(workspace: string, text: unknown): string {
  if (typeof text !== 'string') throw new TypeError('not a path')
  const inDemo = text === DEMO || text.startsWith(`${DEMO}/`)
  return inDemo ? join(demoFolder(), text.slice(DEMO.length)) : resolve(workspace, text)
}

const mapChoice = (choice: ModelChoice, map: (path: string) => string): ModelChoice =>
  Object.fromEntries(
    MODEL_ROLES.flatMap((role) => (choice[role] === undefined ? [] : [[role, map(choice[role])]])),
  )
