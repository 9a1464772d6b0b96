// A checkpoint's tensor names -> where in it the models of each kind are.
import type { FamilyName } from '../../shared/generators/families.ts'
import type { ModelFile } from '../../shared/models/models.ts'
import type { Weights } from '../checkpoint/index.ts'
import { byRecommendation } from './versions.ts'

/** Networks that are recognised by their tensors. */
export type Network = 'transformer' | 'encoder' | 'vqgan' | 'inception' | 'clip' | 'clip-hf' | FamilyName

/** Where a model's tensors are in its file. */
export type Place = Pick<ModelFile, 'prefix' | 'versions'>

/** Tensors that are under one prefix wherever there is such a network. */
const SIGNATURES: { readonly [network in Network]: readonly string[] } = {
  transformer: ['decoder.output_projection.weight', 'decoder.embed_tokens.weight'],
  encoder: ['patch_embed.proj.weight', 'cls_token', 'pos_embed'],
  vqgan: ['quantize.embedding.weight', 'decoder.conv_in.weight'],
  inception: ['Mixed_7c.branch_pool.conv.weight', 'fc.weight'],
  clip: ['visual.conv1.weight', 'visual.class_embedding', 'visual.proj'],
  'clip-hf': ['vision_model.embeddings.patch_embedding.weight', 'visual_projection.weight'],
  mage: ['token_emb.word_embeddings.weight', 'decoder_pos_embed_learned', 'mlm_layer.bias'],
  taming: ['transformer.tok_emb.weight', 'transformer.head.weight'],
  maskgit: ['tok_emb.weight', 'first_layer.0.weight', 'last_layer.0.weight'],
  rar: ['embeddings.weight', 'target_aware_pos_embed', 'timesteps_embeddings'],
  llamagen: ['tok_embeddings.weight', 'cls_embedding.embedding_table.weight'],
  var: ['word_embed.weight', 'pos_1LC', 'lvl_embed.weight'],
}

const NETWORK_NAMES = Object.keys(SIGNATURES) as Network[]

/** The models of a kind, readable or not, the recommended one first. */
export function placesOf({ tensors, unreadable }: Weights, network: Network): Place[] {
  const [name = '', ...siblings] = SIGNATURES[network]
  const names = new Set([...tensors.keys(), ...unreadable.keys()])
  const prefixes = [...names]
    .filter((full) => full === name || full.endsWith(`.${name}`))
    .map((full) => full.slice(0, full.length - name.length))
    .filter((prefix) => siblings.every((sibling) => names.has(prefix + sibling)))
  const versions = byRecommendation(prefixes)
  return versions.map((prefix) => ({ prefix, ...(versions.length > 1 ? { versions } : {}) }))
}

/** Prefixes of all models in the file. */
export const allPrefixes = (weights: Weights): string[] =>
  NETWORK_NAMES.flatMap((network) => placesOf(weights, network).map(({ prefix }) => prefix))
