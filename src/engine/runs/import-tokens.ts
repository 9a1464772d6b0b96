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
import { openModels } from '../model-set/open-models.ts'
import { codeLayers, codesOf } from '../models/vqgan.ts'
import { readCodecs, type CodecsOptions } from '../tokens/codecs.ts'
import { codesToRow, type GridRow, type TokenRow } from '../tokens/dataset/rows.ts'
import { openTokenWriter, readTokenShards } from '../tokens/dataset/shards.ts'
import { isGenerateText, readGenerateText } from '../tokens/generate-text.ts'
import { isDrawn, type TokenGrid } from '../tokens/grid.ts'
import { openCodeTokenizer, refuseOtherTokens } from './code-tokenizer.ts'
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
  /** Entries of each codebook, if known. */
  readonly vocabulary?: DatasetRecord['vocabulary']
  /** The rows from number `from` on, always in the same order. */
  rows(from: number): AsyncIterable<TokenRow>
}

export async function runImportTokens(spec: ImportTokensSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => importTokens(spec, callbacks, keep))
}

async function importTokens(spec: ImportTokensSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'reading tokens')
  const origin = await originOf(spec, keep)
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
  const vocabulary = { ...(await leastVocabulary(spec.out)), ...origin.vocabulary }
  await folder.saveRecord({ ...record, vocabulary, images, ended: new Date().toISOString() })
  return {
    finished: images,
    summary: `imported the tokens of ${images} images from ${spec.source} to ${spec.out}`,
  }
}

async function originOf(spec: ImportTokensSpec, keep: Keep): Promise<Origin> {
  const { source, tokenizer } = spec
  const info = await stat(source).catch(() => {
    throw new RequestError(`${source}: no such file or folder`)
  })
  if (!info.isDirectory()) return textOrigin(spec, keep)
  if (tokenizer)
    throw new RequestError(
      `${source}: a tokenizer is only for files (the images of a run record their layers)`,
    )
  return runOrigin(resolve(source))
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

async function textOrigin(spec: ImportTokensSpec, keep: Keep): Promise<Origin> {
  const path = resolve(spec.source)
  const { options, rowOf, ...known } = await layoutOf(spec, keep)
  const rows: TokenRow[] = []
  const file = await openFile(path)
  try {
    if (await isGenerateText(file)) {
      for (const { id: _, ...grid } of await readGenerateText(file, options)) rows.push(rowOf(grid))
    } else {
      for await (const { ids } of readCodecs(file, options)) rows.push(rowOf({ tokens: ids }))
    }
  } finally {
    await file.close()
  }
  return {
    recipe: { file: basename(path), sha256: await fileToSha256(path), tokens: spec.tokens, ...known.recipe },
    root: dirname(path),
    count: rows.length,
    ...(known.vocabulary ? { vocabulary: known.vocabulary } : {}),
    async *rows(from) {
      yield* rows.slice(from)
    },
  }
}

/** What a line of a file is. */
interface Layout {
  readonly options: CodecsOptions
  /** The layers of a line. */
  rowOf(grid: GridRow & TokenGrid): TokenRow
  /** The tokenizer, as a record names it. */
  readonly recipe?: object
  readonly vocabulary?: DatasetRecord['vocabulary']
}

async function layoutOf({ tokens, tokenizer }: ImportTokensSpec, keep: Keep): Promise<Layout> {
  if (!tokenizer)
    return {
      options: { otherwise: ' of DiGIT; --tokenizer names another generator' },
      rowOf: (grid) => ({ [tokens]: grid }),
    }
  const models = keep(await openModels([tokenizer.model], tokenizer.choose))
  const opened = await openCodeTokenizer(tokenizer, 'auto', models)
  refuseOtherTokens(tokens, opened)
  const { vqgan, config } = opened
  return {
    options: { length: codesOf(config), vocabulary: config.codes },
    rowOf: (grid) => codesToRow(grid, codeLayers(config)),
    recipe: { vqgan: vqgan.file.sha256 },
    vocabulary: { codes: config.codes },
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
