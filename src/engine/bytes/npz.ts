// .npz <-> named arrays: a zip of .npy files. Written stored and with fixed times, so that equal arrays give equal
// bytes.
import { Readable } from 'node:stream'
import yazl from 'yazl'
import { FormatError } from '../../shared/errors.ts'
import { writeFileAtomic } from './atomic-write.ts'
import { encodeNpy, readNpy, type NpyArray, type NpyInput } from './npy.ts'
import { bytesSource, type Source } from './source.ts'
import { readEntry, readZip } from './zip.ts'

const SUFFIX = '.npy'
const FIXED_MODE = 0o100644

/** The arrays of an archive by name, decompressed if necessary; only those in `names` if given. */
export async function readNpz(source: Source, names?: readonly string[]): Promise<Map<string, NpyArray>> {
  const arrays = new Map<string, NpyArray>()
  const entries = await readZip(source)
  for (const name of names ?? [...entries.keys()].map((name) => name.replace(/\.npy$/, ''))) {
    const entry = entries.get(name + SUFFIX)
    if (!entry) throw new FormatError(source.name, `array ${name}: missing`)
    arrays.set(name, await readNpy(bytesSource(`${source.name}: ${name}`, await readEntry(source, entry))))
  }
  return arrays
}

/** Writes the arrays in the given order, atomically. Throws RequestError if the file cannot be written. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyInput>>): Promise<void> {
  const zip = new yazl.ZipFile()
  // The second day that zip can represent, in local time, because the written form has no time zone.
  const options = { mtime: new Date(1980, 0, 2), forceDosTimestamp: true, mode: FIXED_MODE, compress: false }
  for (const [name, array] of Object.entries(arrays))
    zip.addBuffer(Buffer.from(encodeNpy(array).buffer), name + SUFFIX, options)
  zip.end()
  await writeFileAtomic(path, Readable.from(zip.outputStream))
}
