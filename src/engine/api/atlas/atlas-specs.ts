// A request for an atlas -> the runs that make it: tokens of the pictures or the run, then the statistics over them.
import { join } from 'node:path'
import { RequestError } from '../../../shared/errors.ts'
import { askedLayer, type AtlasRequest } from '../../../shared/atlas/atlases.ts'
import type { ModelFile, ModelSet } from '../../../shared/models/models.ts'
import type { RunSpec } from '../../../shared/run/run.ts'
import { vqganKindOf } from '../../model-set/generators/match.ts'
import { demoFolder } from '../../model-set/resources.ts'
import { runFolder } from '../../records/workspace.ts'
import { atlasFolder, tokensFolder } from '../../workspace/atlases.ts'
import type { OpenModelSet } from '../models/models.ts'

const PICTURES_AT_ONCE = 8

/** Specifications of the tokens and of the statistics over them. */
export function atlasSpecs(
  workspace: string,
  id: string,
  { tokens, scale, source }: AtlasRequest,
  {
    fields,
    other,
    pictures,
  }: Pick<OpenModelSet, 'fields'> & { other?: ModelFile | undefined; pictures: string },
): [tokenize: RunSpec, atlas: RunSpec] {
  if (scale !== undefined && tokens !== 'codes')
    throw new RequestError(`scale: only of codes (found ${scale} of ${tokens} tokens)`)
  const out = tokensFolder(workspace, id)
  const tokenizer = tokens === 'codes' && other ? { tokenizer: { name: other.sha256 } } : undefined
  const choose = tokens === 'codes' || !other ? {} : { choose: { codebook: other.path } }
  const models = source.kind === 'demo' && !tokenizer ? { model: demoFolder(), ...choose } : fields
  const images = [source.kind === 'demo' ? join(pictures, 'images') : pictures]
  const tokenize: RunSpec =
    source.kind === 'run'
      ? { kind: 'import-tokens', out, source: runFolder(workspace, source.run), tokens }
      : {
          kind: 'tokenize',
          ...models,
          out,
          device: 'auto',
          batchSize: PICTURES_AT_ONCE,
          weightBits: 32,
          images,
          ...tokenizer,
        }
  return [
    tokenize,
    {
      kind: 'atlas',
      ...models,
      out: atlasFolder(workspace, id),
      device: 'auto',
      dataset: out,
      tokens: askedLayer({ tokens, scale }),
      umap: false,
      seed: 0,
    },
  ]
}

/** The file of another codebook, if one is requested. Throws RequestError if no open file has this hash. */
export function otherFile(
  { files }: ModelSet,
  { otherCodebook, source, tokens }: AtlasRequest,
): ModelFile | undefined {
  if (otherCodebook === undefined) return undefined
  if (source.kind === 'run')
    throw new RequestError('the tokens of a run are of the codebook that it recorded')
  if (source.kind !== 'demo' && tokens === 'discriminative')
    throw new RequestError('clusters of another codebook can only be used for atlases of the demo pictures')
  const isKind = (file: ModelFile) =>
    tokens === 'codes' ? vqganKindOf(file) !== undefined : file.kind === 'codebook'
  const file = files.find(
    (file) => isKind(file) && file.problem === undefined && file.sha256.startsWith(otherCodebook),
  )
  if (!file) throw new RequestError(`codebook '${otherCodebook}': not among the open models`)
  return file
}

/** sha256 of the models that make tokens of pictures. */
export function tokenHashes({ files, set }: ModelSet, other: ModelFile | undefined): ReadonlySet<string> {
  if (other) return new Set([other.sha256])
  const roles = (['encoder', 'codebook', 'vqgan'] as const).map((role) => set[role])
  return new Set(files.filter(({ id }) => roles.includes(id)).map(({ sha256 }) => sha256))
}
