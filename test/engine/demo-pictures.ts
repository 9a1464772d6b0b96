// Some of the demo's pictures in a folder of their own: as many classes, a fraction of the work.
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { demoFolder } from '../../src/engine/api/index.ts'

/** Copies the first `each` pictures of every class to `folder`, by class; returns how many there are. */
export function writeDemoPictures(folder: string, each: number): number {
  const pictures = join(demoFolder(), 'images')
  let count = 0
  for (const name of readdirSync(pictures).sort()) {
    mkdirSync(join(folder, name), { recursive: true })
    for (const file of readdirSync(join(pictures, name)).sort().slice(0, each)) {
      cpSync(join(pictures, name, file), join(folder, name, file))
      count++
    }
  }
  return count
}
