// What the workbench had open, kept in the workspace as models.json so that it is open again the next time:
//   {schema: 1, asked: [...], opened: [...], choice: {codebook: ...}}
// Paths inside the workspace are kept relative to it and the demo by name, so that both may move.
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import * as z from 'zod'
import { MODEL_ROLES, type ModelChoice, type ModelRole } from '../../shared/models/models.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { demoFolder } from '../model-set/resources.ts'
import { readJsonFile } from '../records/json-file.ts'
import { editLocked } from '../records/edit-lock.ts'

/** What to look at, and a person's choices among it. */
export interface Opening {
  /** Absolute. */
  readonly paths: readonly string[]
  readonly choice: ModelChoice
}

export interface KeptModels {
  /** What the host requested when these were opened; a different request starts over. */
  readonly asked: readonly string[]
  readonly opening: Opening
}

const DEMO = ':demo:'
const fileOf = (workspace: string) => join(workspace, 'models.json')

/** Undefined if there is no or an invalid file: it is a convenience, not a record. */
export async function readKeptModels(workspace: string): Promise<KeptModels | undefined> {
  const kept = await readJsonFile(fileOf(workspace), KeptSchema).catch(() => undefined)
  if (!kept) return undefined
  const path = (text: string) => fromText(workspace, text)
  return {
    asked: kept.asked.map(path),
    opening: { paths: kept.opened.map(path), choice: mapChoice(kept.choice, path) },
  }
}

const paths = z.array(z.string())
/** Roles that this version does not know are left out. */
const KeptSchema = z.object({
  asked: paths,
  opened: paths,
  choice: z.object(
    Object.fromEntries(MODEL_ROLES.map((role) => [role, z.string().exactOptional()])) as Record<
      ModelRole,
      z.ZodExactOptional<z.ZodString>
    >,
  ),
})

/**
 * Saves a change of the open models. Changes of other processes with the same request are kept: only the difference
 * between `before` and `after` is applied to the file.
 */
export async function keepModels(
  workspace: string,
  asked: readonly string[],
  before: Opening,
  after: Opening,
): Promise<void> {
  const text = (path: string) => toText(workspace, path)
  await makeFolder(workspace)
  const file = fileOf(workspace)
  await editLocked(`${file}.lock`, async () => {
    const there = await readKeptModels(workspace)
    const isOurs = there !== undefined && isEqual(there.asked, asked)
    const { paths, choice } = isOurs ? withChange(there.opening, before, after) : after
    const kept = {
      schema: 1,
      asked: asked.map(text),
      opened: paths.map(text),
      choice: mapChoice(choice, text),
    }
    await writeFileAtomic(file, `${JSON.stringify(kept, null, 2)}\n`)
  })
}

/** Applies the difference between `before` and `after` to the paths and choices of `there`. */
export function withChange(there: Opening, before: Opening, after: Opening): Opening {
  if (isEqual(there.paths, before.paths) && isEqualChoice(there.choice, before.choice)) return after
  const left = there.paths.filter((path) => after.paths.includes(path) || !before.paths.includes(path))
  const added = after.paths.filter((path) => !before.paths.includes(path) && !left.includes(path))
  const paths = [...left, ...added]
  const choice = MODEL_ROLES.flatMap((role) => {
    const file = (before.choice[role] === after.choice[role] ? there : after).choice[role]
    return file === undefined ? [] : [[role, file]]
  })
  return { paths, choice: choiceAmong(Object.fromEntries(choice) as ModelChoice, paths) }
}

/** Choices of files in these paths, or of one model in a file. */
export const choiceAmong = (choice: ModelChoice, paths: readonly string[]): ModelChoice =>
  Object.fromEntries(
    Object.entries(choice).filter(([, file]) =>
      paths.some((path) => isInside(file, path) || file.startsWith(`${path}#`)),
    ),
  )

const isEqual = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n')
const isEqualChoice = (a: ModelChoice, b: ModelChoice) => MODEL_ROLES.every((role) => a[role] === b[role])

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

function fromText(workspace: string, text: string): string {
  const inDemo = text === DEMO || text.startsWith(`${DEMO}/`)
  return inDemo ? join(demoFolder(), text.slice(DEMO.length)) : resolve(workspace, text)
}

const mapChoice = (choice: ModelChoice, map: (path: string) => string): ModelChoice =>
  Object.fromEntries(
    MODEL_ROLES.flatMap((role) => (choice[role] === undefined ? [] : [[role, map(choice[role])]])),
  )
