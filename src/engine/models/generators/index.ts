// The families of generators, one row each: their tokenizer, their sizes and their network.
import type { FamilyName } from '../../../shared/generators/families.ts'
import type { ModelTensors } from '../tensors.ts'
import type { VqganKind } from '../vqgan-kinds.ts'
import type { GeneratorNetwork, Hints } from './generator.ts'
import { llamagen, llamagenConfig } from './llamagen.ts'
import { mage, mageConfig } from './mage.ts'
import { maskgit, maskgitConfig } from './maskgit.ts'
import { rar, rarConfig } from './rar.ts'
import { scaleLayers, type CodeLayer } from '../scale-sides.ts'
import type { Sizes } from './sizes.ts'
import { taming, tamingConfig } from './taming.ts'
import { varConfig, varNetwork } from './var.ts'

export interface GeneratorFamily {
  /** The kind of VQGAN whose codes it draws. */
  readonly tokenizer: VqganKind
  /** Codes or classes are absent where the tensors do not say how their sum divides. */
  sizes(tensors: ModelTensors): Sizes & { readonly codes?: number; readonly classes?: number }
  /** Throws ModelError for sizes that do not fit, or that neither the tensors nor `hints` say. */
  network(tensors: ModelTensors, hints: Hints): GeneratorNetwork
}

export const GENERATORS: { readonly [name in FamilyName]: GeneratorFamily } = {
  mage: { tokenizer: 'mage', sizes: mageConfig, network: mage },
  taming: { tokenizer: 'taming', sizes: tamingConfig, network: taming },
  maskgit: { tokenizer: 'taming', sizes: maskgitConfig, network: maskgit },
  rar: { tokenizer: 'maskgit', sizes: rarConfig, network: rar },
  llamagen: { tokenizer: 'llamagen', sizes: llamagenConfig, network: llamagen },
  var: { tokenizer: 'var', sizes: varConfig, network: varNetwork },
}

/** The token layers that a network draws, in its order. */
export const layersOf = (network: GeneratorNetwork): readonly CodeLayer[] =>
  network.order === 'scales' ? scaleLayers(network.sides) : [{ name: 'codes', cells: network.cells }]
