// The rows of a token data set: tokens/000000.parquet, tokens/000001.parquet, ... each written atomically. The folder
// `tokens` can be read as one table: `pandas.read_parquet('DATASET/tokens')`.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { fileProblem, makeFolder, openFile, sweepTemporaries, writeFileAtomic } from '../../bytes/index.ts'
import { parquetToRows, rowsToParquet, type RowParts, type TokenRow } from './rows.ts'

/** Images per file: the most that a crash can lose, and the amount parsed at once. */
export const SHARD_IMAGES = 256

const ROWS = 'tokens'
const NAME = /^(\d{6})\.parquet$/
const nameOf = (shard: number) => `${String(shard).padStart(6, '0')}.parquet`

/** Paths of the files of a data set, in order; none if it has no rows yet. */
export async function tokenShards(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, ROWS)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`${folder}: cannot be read (${fileProblem(error)})`, { cause: error })
  })
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => join(folder, ROWS, name))
}

/** The rows of a data set, a file at a time. */
export async function* readTokenShards(folder: string, parts: RowParts): AsyncGenerator<TokenRow[]> {
  for (const path of await tokenShards(folder)) {
    const source = await openFile(path)
    try {
      yield await parquetToRows(source, parts)
    } finally {
      await source.close()
    }
  }
}

export interface TokenWriter {
  /** Adds rows; writes every SHARD_IMAGES of them. */
  add(rows: readonly TokenRow[]): Promise<void>
  /** Writes the remaining rows. */
  flush(): Promise<void>
}

/** Adds files after the existing ones; removes partly written files of an interrupted session. */
export async function openTokenWriter(folder: string): Promise<TokenWriter> {
  const rows = join(folder, ROWS)
  await makeFolder(rows)
  await sweepTemporaries(rows)
  const last = (await tokenShards(folder)).at(-1)
  let shard = last === undefined ? 0 : Number(NAME.exec(basename(last))![1]) + 1
  let waiting: TokenRow[] = []
  const write = async (images: readonly TokenRow[]) =>
    writeFileAtomic(join(rows, nameOf(shard++)), rowsToParquet(images))
  return {
    async add(rows) {
      waiting.push(...rows)
      while (waiting.length >= SHARD_IMAGES) await write(waiting.splice(0, SHARD_IMAGES))
    },
    async flush() {
      if (waiting.length > 0) await write(waiting)
      waiting = []
    },
  }
}
