// Paths -> all model files in them, identified and hashed.
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openCheckpoint } from '../checkpoint/index.ts'
import { mayBeModel } from './damaged.ts'
import { openHashes, type Hashes } from './hash.ts'
import { walk, type FoundFile, type Walk } from './walk.ts'
import type { ModelFile } from '../../shared/models/models.ts'
import { identify } from './identify.ts'
import { unknown, unreadable, withoutPath, type Identity } from './identity.ts'
import { identifyText, isText } from './identify-text.ts'

/** One file is hashed while the next is parsed. */
const AT_ONCE = 2
const ID_DIGITS = 12
/** `model-00001-of-00003.safetensors`, as transformers and diffusers save large models. */
const PIECE = /-\d{5}-of-\d{5}\.\w+$/

export interface Scan {
  /** In the order of their paths. */
  readonly files: readonly ModelFile[]
  /** Notes about paths that could not be scanned. */
  readonly notes: readonly string[]
  /** Real path of each file -> its path in the scan. */
  readonly found: Walk['found']
  /** `fileStamp` of each file that its hash belongs to, by path. */
  readonly stamps: ReadonlyMap<string, string>
}

export async function lookAt(paths: readonly string[]): Promise<Scan> {
  const walked = await walk(paths)
  const hashes = await openHashes()
  const found: ModelFile[][] = []
  const waiting = walked.files.entries()
  const worker = async () => {
    for (const [i, file] of waiting) found[i] = await modelsOf(file, hashes)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const notes = [...walked.notes]
  await hashes.save().catch((error: Error) => notes.push(`cannot save the hash cache: ${error.message}`))
  const stamps = new Map(walked.files.map(({ path, stamp }) => [path, stamp]))
  return { files: withUniqueIds(found.flat()), notes, found: walked.found, stamps }
}

/** The listed path of a scanned file, given by any of its names. */
export async function foundPath(path: string, { found }: Scan): Promise<string> {
  const real = await realpath(path).catch(() => path)
  return found.get(real) ?? resolve(path)
}

/** The models of one file. Problems are reported in its entry. */
async function modelsOf(file: FoundFile, hashes: Hashes): Promise<ModelFile[]> {
  const identities = await identitiesOf(file)
  const isModel = identities.some(({ kind }) => kind !== 'unknown')
  const { path, size: bytes } = file
  let unreadable: string | undefined
  const sha256 =
    isModel || file.named
      ? await hashes.sha256(file).catch((error: Error) => {
          unreadable = withoutPath(error, path)
          return ''
        })
      : ''
  return identities.map((identity) => {
    const { facts, prefix, versions } = identity
    const isAlone = !facts.carried && !versions
    return {
      ...identity,
      ...(unreadable === undefined ? {} : { problem: unreadable }),
      id: [sha256.slice(0, ID_DIGITS) || 'unhashed', ...(isAlone ? [] : [prefix])].join(':'),
      path,
      bytes,
      sha256: versions && sha256 !== '' ? `${sha256}#${prefix}` : sha256,
    }
  })
}

/** What a file of this path and stamp contains: a long process opens the same models for every run. */
const identified = new Map<string, readonly Identity[]>()
/** Of the most recently used files. */
const MAX_IDENTIFIED = 1000

async function identitiesOf(file: FoundFile): Promise<readonly Identity[]> {
  const { path, size, named } = file
  try {
    if (isText(path)) {
      const identity = await identifyText(path, size)
      return identity ? [identity] : named ? [unknown('not a VQGAN yaml or a list of class names')] : []
    }
    const key = `${path}|${file.stamp}`
    const identities = identified.get(key) ?? (await identitiesIn(path))
    identified.delete(key)
    identified.set(key, identities)
    if (identified.size > MAX_IDENTIFIED) identified.delete(identified.keys().next().value!)
    return identities
  } catch (error) {
    const problem = withoutPath(error, path)
    return [(await mayBeModel(path)) ? unreadable(problem) : unknown(problem)]
  }
}

async function identitiesIn(path: string): Promise<Identity[]> {
  const weights = await openCheckpoint(path)
  try {
    const identities = identify(weights)
    return PIECE.test(path) ? identities.map(asPiece) : identities
  } finally {
    await weights.close()
  }
}

/** A piece lacks the tensors of the others. */
const asPiece = (identity: Identity): Identity =>
  identity.problem === undefined
    ? identity
    : {
        ...identity,
        problem: `${identity.problem} (one piece of a model in several files; pieces are not joined)`,
      }

/** Copies of a file have the same hash, so a number is appended. */
function withUniqueIds(files: readonly ModelFile[]): ModelFile[] {
  const seen = new Map<string, number>()
  return files.map((file) => {
    const times = (seen.get(file.id) ?? 0) + 1
    seen.set(file.id, times)
    return times === 1 ? file : { ...file, id: `${file.id}~${times}` }
  })
}
