// Content hashes -> files in the user's cache folder: created once, reused, safe to delete at any time.
import { createHash } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { writeFileAtomic } from '../bytes/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** DIGIT_CACHE, or the cache folder of the operating system. */
export function cacheFolder(
  environment: Environment = process.env,
  platform: string = process.platform,
): string {
  const { DIGIT_CACHE, LOCALAPPDATA, XDG_CACHE_HOME } = environment
  if (DIGIT_CACHE) return DIGIT_CACHE
  if (platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'digit-workbench', 'cache')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'digit-workbench')
  // The XDG specification says to ignore relative paths.
  const base = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache')
  return join(base, 'digit-workbench')
}

export interface CacheEntry {
  /** Everything the content depends on: sha256 of the sources, the conversion and its version. */
  readonly key: readonly string[]
  /** Prefix of the file name: `int8`. */
  readonly label: string
  /** Including the dot: `.onnx`. */
  readonly ending: string
  /** @default cacheFolder() */
  readonly folder?: string
}

/** Path of the entry's file, which is created if missing. */
export async function cachedFile(
  entry: CacheEntry,
  content: () => Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  const { key, label, ending, folder = cacheFolder() } = entry
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32)
  const path = join(folder, `${label}-${digest}${ending}`)
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (there) return path
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(path, content())
  return path
}
