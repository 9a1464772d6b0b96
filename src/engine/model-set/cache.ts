// Content hashes -> files in the user's cache folder: created once, reused, safe to delete at any time. No file is
// believed because of its name: each has a digest, and one that does not match it is created again.
import { createHash, hash as digestOf, type Hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { parseJson } from '../../shared/plain-json.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { fileToSha256 } from './file-hash.ts'

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

/**
 * Path of the entry's file, which is created if it is missing or is not as it was written. Its sha256 is in
 * `PATH.sha256` and is checked at every call: a gigabyte takes about a second.
 */
export async function cachedFile(
  entry: CacheEntry,
  content: () => Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  const { key, label, ending, folder = cacheFolder() } = entry
  const path = join(folder, `${label}-${digestOf('sha256', JSON.stringify(key)).slice(0, 32)}${ending}`)
  const seal = `${path}.sha256`
  const [written, found] = await Promise.all([
    readFile(seal, 'utf8').catch(() => undefined),
    fileToSha256(path).catch(() => undefined),
  ])
  if (found !== undefined && found === written) return path
  await makeFolder(folder)
  const hash = createHash('sha256')
  await writeFileAtomic(path, hashed(content(), hash))
  await writeFileAtomic(seal, hash.digest('hex'))
  return path
}

async function* hashed(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    hash.update(piece)
    yield piece
  }
}

/** A value of the cache whose first line is the sha256 of the rest; undefined if it is missing or was changed. */
export async function readCachedJson(path: string): Promise<unknown> {
  const file = await readFile(path, 'utf8').catch(() => '')
  const [digest, text = ''] = file.split('\n', 2)
  return digest === digestOf('sha256', text) ? parseJson(text) : undefined
}

/** Throws RequestError if the cache folder cannot be written. */
export async function writeCachedJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value)
  await makeFolder(dirname(path))
  await writeFileAtomic(path, `${digestOf('sha256', text)}\n${text}`)
}
