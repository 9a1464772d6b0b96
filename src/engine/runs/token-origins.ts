// What tokens are imported from -> the rows of a data set: fairseq's `.codecs` and `generate-*.txt`, or the images of a run.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { ImportTokensSpec } from '../../shared/run/run.ts'
import { fileProblem, openFile, readStored } from '../bytes/index.ts'
import type { Keep } from '../devices/scope.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import { openModels } from '../model-set/open-models.ts'
import { codeLayers, codesOf } from '../models/vqgan.ts'
import { textToRecord, type ImageRecord } from '../records/image-record.ts'
import type { DatasetRecord } from '../records/token-dataset.ts'
import { finishedImages, imageName } from '../records/workspace.ts'
import { readCodecs, type CodecsOptions } from '../tokens/codecs.ts'
import { codesToRow, type GridRow, type TokenRow } from '../tokens/dataset/rows.ts'
import { isGenerateText, readGenerateText } from '../tokens/generate-text.ts'
import { isDrawn, type TokenGrid } from '../tokens/grid.ts'
import { openCodeTokenizer, refuseOtherTokens } from './code-tokenizer.ts'

/** What is known of the codebooks of imported tokens. */
type Codebooks = Pick<DatasetRecord, 'vocabulary' | 'vqgan'>

/** Where the rows come from. */
export interface Origin {
  /** Everything that decides the rows. */
  readonly recipe: object
  readonly root: string
  readonly count: number
  readonly codebooks?: Codebooks
  /** The rows from number `from` on, always in the same order. */
  rows(from: number): AsyncIterable<TokenRow>
}

/** Throws RequestError or FormatError if there is nothing to import, or what is there does not fit. */
export async function originOf(spec: ImportTokensSpec, keep: Keep): Promise<Origin> {
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
  const [first] = images
  return {
    recipe: { run: folder },
    ...(first === undefined ? {} : { codebooks: codebooksOf((await imageOf(folder, first)).record) }),
    root: folder,
    count: images.length,
    async *rows(from) {
      for (const image of images.slice(from)) {
        const { path, record } = await imageOf(folder, image)
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

async function imageOf(folder: string, image: number) {
  const path = `images/${imageName(image)}`
  return { path, record: textToRecord(await readStored(join(folder, path)), path) }
}

/** All images of a run have those of the first. */
const codebooksOf = ({ codebooks, recipe }: ImageRecord): Codebooks => ({
  vocabulary: { ...codebooks },
  vqgan: recipe.vqgan,
})

function rowOf(grid: TokenGrid): GridRow {
  const { tokens } = grid
  return isDrawn(grid) ? { tokens, logProbabilities: grid.logProbabilities } : { tokens }
}

async function textOrigin(spec: ImportTokensSpec, keep: Keep): Promise<Origin> {
  const path = resolve(spec.source)
  const { options, rowOf, recipe, vocabulary } = await layoutOf(spec, keep)
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
    recipe: { file: basename(path), sha256: await fileToSha256(path), tokens: spec.tokens, ...recipe },
    root: dirname(path),
    count: rows.length,
    ...(vocabulary ? { codebooks: { vocabulary } } : {}),
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
