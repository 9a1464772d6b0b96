// Model folders as people have them on disk: the hub's cache, linked folders, linked files, awkward names. Only links
// are made, so that nothing is copied; onnxruntime sees the same names as with real files.
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join, relative, sep } from 'node:path'

/** By the words of a layout: makes it in `folder` of the models in `from`, and returns what a person would name. */
export const LAYOUTS: Readonly<Record<string, (folder: string, from: string) => string>> = {
  'a snapshot of the hub cache': (folder, from) => join(hubCache(folder, from), 'snapshots', REVISION),
  'the whole hub cache': hubCache,
  'a linked folder': (folder, from) => {
    const path = join(made(folder), 'DiGIT')
    symlinkSync(from, path)
    return path
  },
  'linked files': (folder, from) => {
    for (const name of filesOf(from)) symlinkSync(join(from, name), placeFor(folder, name))
    return folder
  },
  'relative links to linked files': (folder, from) => {
    for (const name of filesOf(from)) {
      const [first, second] = [placeFor(join(folder, 'first'), name), placeFor(join(folder, 'second'), name)]
      symlinkSync(join(from, name), first)
      symlinkSync(relative(dirname(second), first), second)
    }
    return join(folder, 'second')
  },
  'spaces and é, in files of their own': (folder, from) => {
    const path = join(folder, 'mes modèles', "l'été 1 #2")
    for (const name of filesOf(from)) linkSync(join(from, name), placeFor(path, name))
    return path
  },
  'a link to spaces and é': (folder, from) => {
    const real = join(folder, 'là bas', 'dépôt')
    for (const name of filesOf(from)) linkSync(join(from, name), placeFor(real, name))
    symlinkSync(real, join(folder, 'plain'))
    return join(folder, 'plain')
  },
}

const REVISION = '5f1c0de0b1f0'

/** `models--ORG--NAME`: huggingface_hub/file_download.py, `try_to_load_from_cache`. */
function hubCache(folder: string, from: string): string {
  const repository = join(folder, 'models--DAMO-NLP-SG--DiGIT')
  mkdirSync(join(repository, 'refs'), { recursive: true })
  for (const name of filesOf(from)) {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(from, name)))
      .digest('hex')
    const blob = placeFor(repository, join('blobs', sha256))
    try {
      linkSync(join(from, name), blob)
    } catch (error) {
      // Equal files share a blob.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const path = placeFor(repository, join('snapshots', REVISION, name))
    symlinkSync(relative(dirname(path), blob), path)
  }
  return repository
}

/** Of the models alone. */
const FOLDERS = /^(config|data|models|outputs)\//
const filesOf = (from: string): string[] =>
  readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(from, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => FOLDERS.test(name) || name === 'classes.json')

function made(folder: string): string {
  mkdirSync(folder, { recursive: true })
  return folder
}

function placeFor(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  return path
}
