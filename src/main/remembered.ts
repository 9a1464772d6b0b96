// The folders whose models were opened last, kept between sessions in the application's own folder.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app } from 'electron'

const file = () => join(app.getPath('userData'), 'models.json')

/** Those that are still there; none when the file is missing or was tampered with. */
export function rememberedModels(): string[] {
  try {
    const paths: unknown = JSON.parse(readFileSync(file(), 'utf8'))
    const isFolder = (path: unknown): path is string => typeof path === 'string' && existsSync(path)
    return Array.isArray(paths) ? paths.filter(isFolder) : []
  } catch {
    return []
  }
}

export function rememberModels(paths: readonly string[]): void {
  mkdirSync(dirname(file()), { recursive: true })
  writeFileSync(file(), JSON.stringify(paths))
}
