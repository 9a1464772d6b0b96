// Any checkpoint -> weights, identified by its first bytes; the file name is not used.
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FormatError } from '../../shared/errors.ts'
import { contentOf } from '../bytes/content.ts'
import { isNpy } from '../bytes/npy.ts'
import { openFile, type Source } from '../bytes/source.ts'
import { readZip } from '../bytes/zip.ts'
import { npzFromEntries, openNpy } from './npy.ts'
import { isSafetensors, openSafetensors } from './safetensors.ts'
import { isTorchLegacy, openTorchLegacy } from './torch-legacy.ts'
import { isTorchZip, torchZipFromEntries } from './torch-zip.ts'
import type { Weights } from './weights.ts'

/** Enough for every signature. */
const HEAD_BYTES = 32

/**
 * Opens a checkpoint of any kind. Throws FormatError for everything else; the caller closes the weights. Tensors refer
 * to the real file, with all links resolved, because onnxruntime refuses weights behind links, like those in the hub's
 * cache. Only `path` is the given name.
 */
export async function openCheckpoint(path: string): Promise<Weights> {
  const source = await openFile(path)
  try {
    return { ...(await openCheckpointSource(source, await realpath(path))), path: resolve(path) }
  } catch (error) {
    await source.close()
    throw error
  }
}

/** The same over any source; `path` is the file that tensors refer to. */
export async function openCheckpointSource(source: Source, path: string): Promise<Weights> {
  if (source.size === 0) throw new FormatError(source.name, 'file is empty')
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size))
  if (isNpy(head)) return openNpy(source, path)
  if (isTorchLegacy(head)) return openTorchLegacy(source, path)
  if (isZip(head)) {
    const entries = await readZip(source)
    if (isTorchZip(entries)) return torchZipFromEntries(source, path, entries)
    return npzFromEntries(source, path, entries)
  }
  if (isSafetensors(head, source.size)) return openSafetensors(source, path)
  throw new FormatError(
    source.name,
    `not a PyTorch, safetensors or NumPy file (found ${await contentOf(source)})`,
  )
}

/** A local file header, or the end record of an archive without files. */
function isZip(head: Uint8Array): boolean {
  const signature = Buffer.from(head.subarray(0, 4)).toString('latin1')
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06'
}
