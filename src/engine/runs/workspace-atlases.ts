// The workspace folder -> the atlases in it. Files are the record; the name of a folder says what it is of:
//   atlases/SOURCE-discriminative   an atlas of the K-Means clusters (atlas-files.ts)
//   atlases/SOURCE-codes            of the VQGAN's codes
//   tokens/SOURCE                   the token data set of both (token-dataset.ts)
// SOURCE is a run's id, or demo. and a digest of what the demo's tokens depend on, with .CODEBOOK behind it where they
// were made with another codebook than the demo's.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { AtlasIdSchema, type AtlasRequest, type WorkspaceAtlas } from '../../shared/workspace-atlas.ts'
import { decodeImage, encodePng, preprocess } from '../images/index.ts'
import { arrayPath, isThere, readAtlasRecord } from './atlas-files.ts'
import type { Atlas } from './atlas-read.ts'

const DEMO = /^demo\.[0-9a-f]{8}(?:\.([0-9a-f]{8}))?$/
/** Side of the pictures a page is given: sharp at the sizes it shows, and a multiple of 16. */
const PICTURE_SIDE = 256

export const atlasFolder = (workspace: string, id: string): string => join(workspace, 'atlases', id)

/** Where the tokens of an atlas lie. */
export const tokensFolder = (workspace: string, id: string): string =>
  join(workspace, 'tokens', /^(.*)-[a-z]+$/.exec(id)![1]!)

/** The same id for the same pictures and models, so that asking again goes on with what is there. */
export function atlasId(
  { source, tokens, otherCodebook }: AtlasRequest,
  demo: string,
  hashes: ReadonlySet<string>,
): string {
  if (source.kind === 'run') return `${source.run}-${tokens}`
  const digest = createHash('sha256')
    .update([demo, ...[...hashes].sort()].join('\n'))
    .digest('hex')
  const other = otherCodebook === undefined ? '' : `.${otherCodebook}`
  return `demo.${digest.slice(0, 8)}${other}-${tokens}`
}

/** What an id says. Throws RequestError for what is no id of an atlas. */
export function askedOfAtlas(id: string): AtlasRequest {
  if (!AtlasIdSchema.safeParse(id).success) throw new RequestError(`'${id}' is no atlas`)
  const [, source = '', kind] = /^(.*)-([a-z]+)$/.exec(id)!
  const demo = DEMO.exec(source)
  return {
    source: demo ? { kind: 'demo' } : { kind: 'run', run: source },
    tokens: kind === 'codes' ? 'codes' : 'discriminative',
    ...(demo?.[1] === undefined ? {} : { otherCodebook: demo[1] }),
  }
}

/** Every atlas in the workspace, the newest ids first. One that has no statistics yet was left unfinished. */
export async function findAtlases(workspace: string): Promise<WorkspaceAtlas[]> {
  const names = await readdir(join(workspace, 'atlases')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`the workspace cannot be read: ${error.message}`, { cause: error })
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
  }
}

/** An image of the atlas as the encoder was given it, enlarged or reduced to the same square. */
export async function atlasPicture(atlas: Atlas, image: number): Promise<Uint8Array> {
  const path = await atlas.imagePath(image)
  if (path === undefined) throw new RequestError(`image ${image} has no picture`)
  return encodePng(preprocess(await decodeImage(path), PICTURE_SIDE))
}
