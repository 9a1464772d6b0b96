// Location of bundled resources: the demo and the names of ImageNet's classes.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseJson } from '../../shared/plain-json.ts'

/** A file or folder under `resources/`, searched upwards from this code, bundled or not. */
export function resource(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'resources', name))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`resources/${name}: missing from this installation`)
    folder = parent
  }
  // In a packaged application onnxruntime needs a real file, which is next to the archive.
  return join(folder.replace(/app\.asar$/, 'app.asar.unpacked'), 'resources', name)
}

/** The model that every command uses unless told otherwise: DIGIT_DEMO, or what comes with the program. */
export const demoFolder = (): string =>
  process.env.DIGIT_DEMO ? resolve(process.env.DIGIT_DEMO) : resource('demo')

/** ImageNet's 1000 names in the order of their ids. */
export async function imagenetClassNames(): Promise<string[]> {
  const rows = parseJson(await readFile(resource('imagenet-classes.json'), 'utf8')) as { name: string }[]
  return rows.map((row) => row.name)
}
