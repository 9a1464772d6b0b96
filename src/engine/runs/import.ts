// Files and folders -> the models that fit together, and each of them opened: where library, checkpoint and
// models meet.
import type { ModelChoice, ModelFile, ModelLibrary } from '../../shared/models.ts'
import type { TensorView } from '../checkpoint/weights.ts'
import type { ModelTensors } from '../models/tensors.ts'
import type { TransformerConfig } from '../models/transformer-config.ts'

/** One model of the set. `file.sha256` names the file it comes from. */
export interface OpenModel {
  readonly file: ModelFile
  /** Under the names of the model's own code: `decoder.layers.0...`, `blocks.0...`, `quantize.embedding.weight`. */
  readonly tensors: ModelTensors
}
export interface OpenTransformer extends OpenModel {
  readonly config: TransformerConfig
}
export interface OpenEncoder extends OpenModel {
  /** Features are taken after block depth - layerFromEnd (`pretrained_enc_config.layer`, 3 in the release). */
  readonly layerFromEnd: number
}
export interface OpenCodebook extends OpenModel {
  readonly centroids: TensorView
  /** False: [codes, width] as in the .npy; true: [width, codes] as in a fairseq checkpoint. */
  readonly transposed: boolean
  readonly codes: number
  readonly width: number
}
export interface OpenVqgan extends OpenModel {
  /** Text of the VQGAN's yaml; undefined when there is none and the shapes must tell. */
  readonly yaml: string | undefined
}

/** What `open` gives for each role. */
export interface OpenRoles {
  readonly encoder: OpenEncoder
  readonly codebook: OpenCodebook
  readonly stage1: OpenTransformer
  readonly stage1Class: OpenTransformer
  readonly stage2Ar: OpenTransformer
  readonly stage2Nar: OpenTransformer
  readonly vqAr: OpenTransformer
  readonly vqgan: OpenVqgan
}

export interface OpenModels {
  readonly library: ModelLibrary
  /** Whether the set has this role. */
  has(role: keyof OpenRoles): boolean
  /** Throws ModelError, in plain words, when the set lacks it. */
  open<R extends keyof OpenRoles>(role: R): Promise<OpenRoles[R]>
  /** Closes every file that `open` opened. */
  close(): Promise<void>
}

/** Looks at files and folders, says what each file is and what fits what. One broken file stops nothing. */
export async function importModels(
  _paths: readonly string[],
  _choose: ModelChoice = {},
): Promise<ModelLibrary> {
  throw new Error('not there yet')
}

/** `importModels`, and a way to open each model of the set. */
export async function openModels(_paths: readonly string[], _choose: ModelChoice = {}): Promise<OpenModels> {
  throw new Error('not there yet')
}
