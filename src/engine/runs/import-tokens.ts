// Imported tokens -> a token data set: fairseq's `.codecs` and `generate-*.txt`, and the images of a run.
import { GRID_NAMES, type GridName } from '../../shared/grid/layout.ts'
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { APP } from '../../shared/app.ts'
import { RequestError } from '../../shared/errors.ts'
import type { ImportTokensSpec } from '../../shared/run/run.ts'
import { fileProblem, openFile, readStored } from '../bytes/index.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import { finishedImages, imageName } from '../records/workspace.ts'
import { readCodecs } from '../tokens/codecs.ts'
import { type GridRow, type TokenRow } from '../tokens/dataset/rows.ts'
import { openTokenWriter, readTokenShards } from '../tokens/dataset/shards.ts'
import { isGenerateText, readGenerateText } from '../tokens/generate-text.ts'
import { isDrawn, type TokenGrid } from '../tokens/grid.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { textToRecord } from '../records/image-record.ts'
import { DATASET_RECORD, DatasetRecordSchema, type DatasetRecord } from '../records/token-dataset.ts'
import { openWorkFolder } from '../records/work-folder.ts'

/** Where the rows come from. */
interface Origin {
  /** Everything that decides the rows. */
  readonly recipe: object
  readonly root: string
  readonly count: number
  /** The rows from number `from` on, always in the same order. */
  rows(from: number): AsyncIterable<TokenRow>
}

export async function runImportTokens(spec: ImportTokensSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => importTokens(spec, callbacks, keep))
}

async function importTokens(spec: ImportTokensSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'reading tokens')
  const origin = await originOf(spec)
  if (origin.count === 0) throw new RequestError(`${spec.source}: contains no tokens`)
  const folder = keep(await openWorkFolder(spec.out, DATASET_RECORD, DatasetRecordSchema, origin.recipe))
  const record: DatasetRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe: origin.recipe,
    spec,
    root: origin.root,
    classNames: [],
    vocabulary: {},
    images: 0,
    started: folder.earlier?.started ?? new Date().toISOString(),
  }
  if (!folder.earlier) await folder.saveRecord(record)
  let images = 0
  for await (const rows of readTokenShards(spec.out, { grids: [] })) images += rows.length
  const writer = await openTokenWriter(spec.out)
  try {
    for await (const row of origin.rows(images)) {
      callbacks.signal.throwIfAborted()
      await writer.add([row])
      callbacks.progress(++images, origin.count, 'images')
    }
  } finally {
    await writer.flush()
  }
  const vocabulary = await leastVocabulary(spec.out)
  await folder.saveRecord({ ...record, vocabulary, images, ended: new Date().toISOString() })
  return {
    finished: images,
    summary: `imported the tokens of ${images} images from ${spec.source} to ${spec.out}`,
  }
}

async function originOf({ source, tokens }: ImportTokensSpec): Promise<Origin> {
  const info = await stat(source).catch(() => {
    throw new RequestError(`${source}: no such file or folder`)
  })
  return info.isDirectory() ? runOrigin(resolve(source)) : textOrigin(resolve(source), tokens)
}

/** The images of a run folder, which may have more of them the next time. */
async function runOrigin(folder: string): Promise<Origin> {
  const images = await finishedImages(join(folder, 'images')).catch((error: Error) => {
    throw new RequestError(
      `${folder}: not the folder of a run that makes images (images: ${fileProblem(error)}), nor a token file`,
    )
  })
  return {
    recipe: { run: folder },
    root: folder,
    count: images.length,
    async *rows(from) {
      for (const image of images.slice(from)) {
        const path = `images/${imageName(image)}`
        const record = textToRecord(await readStored(join(folder, path)), path)
        yield {
          path,
          ...(record.class === undefined ? {} : { class: record.class }),
          ...(record.discriminative ? { discriminative: rowOf(record.discriminative) } : {}),
          codes: rowOf(record.codes),
          ...(record.scales
            ? {
                scales: Object.fromEntries(
                  Object.entries(record.scales).map(([name, grid]) => [name, rowOf(grid)]),
                ),
              }
            : {}),
        }
      }
    },
  }
}

function rowOf(grid: TokenGrid): GridRow {
  const { tokens } = grid
  return isDrawn(grid) ? { tokens, logProbabilities: grid.logProbabilities } : { tokens }
}

async function textOrigin(path: string, tokens: GridName): Promise<Origin> {
  const rows: TokenRow[] = []
  const file = await openFile(path)
  try {
    if (await isGenerateText(file)) {
      for (const { id: _, ...grid } of await readGenerateText(file)) rows.push({ [tokens]: grid })
    } else {
      for await (const { ids } of readCodecs(file)) rows.push({ [tokens]: { tokens: ids } })
    }
  } finally {
    await file.close()
  }
  return {
    recipe: { file: basename(path), sha256: await fileToSha256(path), tokens },
    root: dirname(path),
    count: rows.length,
    async *rows(from) {
      yield* rows.slice(from)
    },
  }
}

/** The number of codebook entries is not in such files: it is at least the largest token plus one. */
async function leastVocabulary(folder: string): Promise<DatasetRecord['vocabulary']> {
  const largest = new Map<GridName, number>()
  for await (const rows of readTokenShards(folder, { grids: GRID_NAMES }))
    for (const row of rows)
      for (const grid of GRID_NAMES) {
        const tokens = row[grid]?.tokens
        if (tokens) largest.set(grid, largestOf(tokens, largest.get(grid) ?? 0))
      }
  return Object.fromEntries([...largest].map(([grid, token]) => [grid, token + 1]))
}

function largestOf(tokens: ArrayLike<number>, least: number): number {
  let largest = least
  for (let i = 0; i < tokens.length; i++) largest = Math.max(largest, tokens[i]!)
  return largest
}
