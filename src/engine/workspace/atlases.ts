// The workspace folder -> the atlases in it. Files are the record; the name of a folder says what it is of:
//   atlases/SOURCE-discriminative   an atlas of the K-Means clusters (atlas-files.ts)
//   atlases/SOURCE-codes            of the VQGAN's codes, or of one of several scales of them: SOURCE-scale_13
//   tokens/SOURCE                   the token data set of all (token-dataset.ts)
// SOURCE is a run's id; demo., or set. and the id of a folder of pictures, and a digest of what their tokens depend on,
// with .CODEBOOK behind it where they were made with another codebook.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { gridOfAtlas } from '../../shared/atlas/atlas.ts'
import { entriesOf } from '../../shared/grid/layout.ts'
import type { GridShape } from '../../shared/grid/shape.ts'
import {
  askedLayer,
  AtlasIdSchema,
  type AtlasRequest,
  type WorkspaceAtlas,
} from '../../shared/atlas/atlases.ts'
import { decodeImage, encodePng, preprocess } from '../images/index.ts'
import { arrayPath, isThere, readAtlasRecord } from '../runs/atlas/atlas-files.ts'
import type { Atlas } from '../runs/atlas/atlas-read.ts'
import { UNREADABLE } from '../records/token-dataset.ts'

const DEMO = /^demo\.[0-9a-f]{8}(?:\.([0-9a-f]{8}))?$/
const SET = /^set\.([0-9a-f]{12})\.[0-9a-f]{8}(?:\.([0-9a-f]{8}))?$/
/** Of the list of pictures that could not be read. */
const TOLD = 20
/** Least pixels along a side of the pictures sent to pages, and of a cell of them: sharp at the sizes shown. */
const PICTURE = 256
const CELL = 16
/** Pixels along a side of the pictures sent to pages: a whole number a cell. */
export const pictureSide = ({ side }: GridShape): number => side * Math.max(CELL, Math.ceil(PICTURE / side))

export const atlasFolder = (workspace: string, id: string): string => join(workspace, 'atlases', id)

/** Folder of an atlas's tokens. */
export const tokensFolder = (workspace: string, id: string): string =>
  join(workspace, 'tokens', partsOf(id).source)

/**
 * The same id for the same pictures and models, so that a repeated request continues with existing files.
 * @param folder of the pictures @param hashes of the models that make tokens of them
 */
export function atlasId(
  { source, otherCodebook, ...asked }: AtlasRequest,
  folder: string,
  hashes: ReadonlySet<string>,
): string {
  const layer = askedLayer(asked)
  if (source.kind === 'run') return `${source.run}-${layer}`
  const digest = createHash('sha256')
    .update([folder, ...[...hashes].sort()].join('\n'))
    .digest('hex')
  const name = source.kind === 'demo' ? 'demo' : `set.${source.set}`
  const other = otherCodebook === undefined ? '' : `.${otherCodebook}`
  return `${name}.${digest.slice(0, 8)}${other}-${layer}`
}

/** What an id says. Throws RequestError if it is not an atlas id. */
export function askedOfAtlas(id: string): AtlasRequest {
  if (!AtlasIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not an atlas id`)
  const { source, layer } = partsOf(id)
  const scale = /^scale_(\d+)$/.exec(layer)?.[1]
  const otherCodebook = DEMO.exec(source)?.[1] ?? SET.exec(source)?.[2]
  return {
    source: sourceOf(source),
    tokens: entriesOf(layer),
    ...(scale === undefined ? {} : { scale: Number(scale) }),
    ...(otherCodebook === undefined ? {} : { otherCodebook }),
  }
}

function partsOf(id: string): { readonly source: string; readonly layer: string } {
  const at = id.lastIndexOf('-')
  return { source: id.slice(0, at), layer: id.slice(at + 1) }
}

function sourceOf(name: string): AtlasRequest['source'] {
  const set = SET.exec(name)?.[1]
  if (set !== undefined) return { kind: 'set', set }
  return DEMO.test(name) ? { kind: 'demo' } : { kind: 'run', run: name }
}

/** Every atlas in the workspace, the newest ids first. One that has no statistics yet was left unfinished. */
export async function findAtlases(workspace: string): Promise<WorkspaceAtlas[]> {
  const names = await readdir(join(workspace, 'atlases')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`cannot read the workspace: ${error.message}`, { cause: error })
  })
  const found: WorkspaceAtlas[] = []
  for (const id of names.sort().reverse())
    if (AtlasIdSchema.safeParse(id).success) found.push(await atlasFromDisk(workspace, id))
  return found
}

export async function atlasFromDisk(workspace: string, id: string): Promise<WorkspaceAtlas> {
  const folder = atlasFolder(workspace, id)
  const record = await readAtlasRecord(folder)
  const info = record?.info
  const about = { id, ...askedOfAtlas(id) }
  if (!info) return { ...about, status: { state: 'cancelled', finished: 0 } }
  const status = { state: 'done', finished: info.entries, summary: `${info.entries} entries` } as const
  return {
    ...about,
    status,
    info: { ...info, umap: await isThere(arrayPath(folder, 'umap')) },
    codebook: record.codebook.sha256,
    ...(await unreadableOf(tokensFolder(workspace, id), record.root)),
  }
}

/** What tokenizing skipped, named relative to the pictures' folder: pages get no full paths. */
async function unreadableOf(dataset: string, root: string): Promise<Pick<WorkspaceAtlas, 'unreadable'>> {
  const text = await readFile(join(dataset, UNREADABLE), 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '')
  const above = join(dirname(root), sep)
  // Of a folder right below the root of the file system only the beginning goes: every path has that slash in it.
  const named = (line: string) => (above === sep ? line.slice(1) : line.replaceAll(above, ''))
  const first = lines.slice(0, TOLD).map(named)
  return lines.length === 0 ? {} : { unreadable: { count: lines.length, first } }
}

/** An image of the atlas as the encoder was given it, enlarged or reduced to the same square. */
export async function atlasPicture(atlas: Atlas, image: number): Promise<Uint8Array> {
  const path = await atlas.imagePath(image)
  if (path === undefined) throw new RequestError(`image ${image} has no input picture`)
  return encodePng(preprocess(await decodeImage(path), pictureSide(gridOfAtlas(atlas.info))))
}
