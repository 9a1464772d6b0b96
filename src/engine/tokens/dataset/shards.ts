// A token data set's folder: tokens-000000.parquet, tokens-000001.parquet, ... each written whole, read as one table.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { openFile, writeFileAtomic } from '../../bytes/index.ts'
import { parquetToRows, rowsToParquet, type RowParts, type TokenRow } from './rows.ts'

/** Images a file holds: what a crash may cost, and what is parsed at once. */
export const SHARD_IMAGES = 256

const NAME = /^tokens-(\d{6})\.parquet$/
const nameOf = (shard: number) => `tokens-${String(shard).padStart(6, '0')}.parquet`

/** Paths of the files, in order. Throws RequestError where there is no such folder. */
export async function tokenShards(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: Error) => {
    throw new RequestError(`cannot read ${folder}: ${error.message}`, { cause: error })
  })
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => join(folder, name))
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
  /** Takes rows; every SHARD_IMAGES of them are written. */
  add(rows: readonly TokenRow[]): Promise<void>
  /** Writes what is left. */
  flush(): Promise<void>
}

/** Adds files behind those that are there. */
export async function openTokenWriter(folder: string): Promise<TokenWriter> {
  let shard = (await tokenShards(folder)).reduce(
    (next, path) => Math.max(next, Number(NAME.exec(path.slice(folder.length + 1))![1]) + 1),
    0,
  )
  let waiting: TokenRow[] = []
  const write = async (rows: readonly TokenRow[]) =>
    writeFileAtomic(join(folder, nameOf(shard++)), rowsToParquet(rows))
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
