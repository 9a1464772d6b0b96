export {
  createFileAtomic,
  explainWrite,
  isTemporaryName,
  sweepTemporaries,
  writeFileAtomic,
} from './atomic-write.ts'
export { contentOf, contentWords, headOf, isLostFile, knownContent, otherThanImage } from './content.ts'
export { Cursor, EndOfBytes } from './cursor.ts'
export {
  ELEMENTS,
  elementCount,
  gather,
  rowMajorStrides,
  type ElementType,
  type NumberArray,
} from './elements.ts'
export {
  encodeNpy,
  encodeNpyHeader,
  isNpy,
  readNpy,
  readNpyHeader,
  type NpyArray,
  type NpyHeader,
  type NpyInput,
} from './npy.ts'
export { readNpz, writeNpz } from './npz.ts'
export { openNpzRows, writeNpzStream, type NpzRows, type StreamedArray } from './npz-stream.ts'
export { findPacked, isPackName, packedNames, readStored, renamePacked } from './packed-files.ts'
export { packWriter, type PackWriter } from './pack-writer.ts'
export { encodeParquet, readParquet, type ParquetColumn } from './parquet.ts'
export { lifeOf, thisProcess, type ProcessIdentity } from './process-identity.ts'
export { makeFolder, writeFirstFile } from './make-folder.ts'
export { ProtobufWriter } from './protobuf.ts'
export { MAX_READ_BYTES, bytesSource, fileProblem, openFile, type Source } from './source.ts'
export { subfolders } from './subfolders.ts'
export { bytesToText, readTextFile, textDecoder } from './text.ts'
export { readEntry, readZip, type ZipEntry } from './zip.ts'
export { writeZipFiles, type ZippedFile } from './zip-files.ts'
