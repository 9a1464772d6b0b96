// What the engine says about model files: what each one is, what fits what, what is missing.

export type ModelKind =
  | 'stage1'
  | 'stage2-ar'
  | 'stage2-nar'
  | 'vq-ar'
  | 'linear-probe'
  | 'encoder'
  | 'codebook'
  | 'vqgan'
  | 'vqgan-config'
  | 'classes'
  | 'unknown'

/** One file that was looked at. */
export interface ModelFile {
  /** Short and stable: the first 12 digits of the sha256. */
  readonly id: string
  readonly path: string
  readonly kind: ModelKind
  readonly bytes: number
  readonly sha256: string
  /** One line for a person: `stage 1, 1024 wide, 16 layers, 8192 tokens, fp16`. */
  readonly summary: string
  /** The sizes that decide what fits what. */
  readonly facts: Readonly<Record<string, number | string | boolean>>
  /** Why a file is unknown or cannot be used. */
  readonly problem?: string
}

/** Files that work together; each field is a ModelFile id. */
export interface ModelSet {
  readonly encoder?: string
  readonly codebook?: string
  readonly stage1?: string
  /** A class-conditional stage 1. */
  readonly stage1Class?: string
  readonly stage2Ar?: string
  readonly stage2Nar?: string
  readonly vqAr?: string
  readonly vqgan?: string
  readonly vqganConfig?: string
  readonly classes?: string
}

/** The answer to `importModels`. */
export interface ModelLibrary {
  readonly files: readonly ModelFile[]
  readonly set: ModelSet
  /** What is missing and what cannot be done without it, and choices made where several files fit. */
  readonly notes: readonly string[]
}
