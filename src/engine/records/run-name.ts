// The name that someone gave a run: runs/ID/name.txt, so that it moves with the folder. Without one, a run is called by
// its settings.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RunNameSchema } from '../../shared/run/run.ts'
import { writeFileAtomic } from '../bytes/index.ts'

const FILE = 'name.txt'

/** Undefined if there is none, or it is too long for a name. */
export async function readRunName(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '')
  return RunNameSchema.safeParse(text.trim()).data || undefined
}

/** An empty name removes it. */
export async function writeRunName(folder: string, name: string): Promise<void> {
  const file = join(folder, FILE)
  await (name === '' ? rm(file, { force: true }) : writeFileAtomic(file, `${name}\n`))
}
