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
  | 'inception'
  | 'classes'
  | 'unknown'

/** One file that was looked at, or one model out of a file that holds several. */
export interface ModelFile {
  /** Short and stable: the first 12 digits of the sha256, and the prefix where there is one. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** What precedes this model's tensor names in the file: `model.vqgan.` for a VQGAN inside a stage 2. */
  readonly prefix: string
  readonly kind: ModelKind
  readonly bytes: number
  /** Of the whole file; empty for a file that is no model and was not asked for by name. */
  readonly sha256: string
  /** One line for a person: `stage 1, 1024 wide, 16 layers, 8192 tokens, fp16`. */
  readonly summary: string
  /** The sizes that decide what fits what. */
  readonly facts: Readonly<Record<string, number | string | boolean>>
  /** Why a file is unknown or cannot be used. */
  readonly problem?: string
}

/** The places in a set. `stage1Class` is a class-conditional stage 1. */
export const MODEL_ROLES = [
  'encoder',
  'codebook',
  'stage1',
  'stage1Class',
  'stage2Ar',
  'stage2Nar',
  'vqAr',
  'vqgan',
  'vqganConfig',
  'classes',
] as const
export type ModelRole = (typeof MODEL_ROLES)[number]

/** Files that work together: role -> ModelFile id. */
export type MatchedModels = { readonly [role in ModelRole]?: string }

/** A person's own choice where several files fit: role -> path. */
export type ModelChoice = { readonly [role in ModelRole]?: string }

/** The answer to `importModels`. */
export interface ModelSet {
  readonly files: readonly ModelFile[]
  readonly set: MatchedModels
  /** What is missing and what cannot be done without it, and choices made where several files fit. */
  readonly notes: readonly string[]
  /** Names of the classes, in the order of their ids; empty when nothing says. */
  readonly classNames: readonly string[]
}

/** A folder or file that the workbench has open, or could open again. */
export interface ModelSource {
  readonly id: string
  /** Without folders: `DiGIT`. */
  readonly name: string
  /** The bundled demo, a place on this machine, or a copy in the workspace. */
  readonly kind: 'demo' | 'place' | 'copy'
  readonly open: boolean
  /** Of a copy: what it takes on the disk. */
  readonly bytes?: number
}

/** What the workbench has open, and what a person may change about it. */
export interface OpenedModels {
  /** The demo and the copies are there whether open or not. */
  readonly sources: readonly ModelSource[]
  /** A person's own choices: role -> ModelFile id. */
  readonly choice: MatchedModels
  /** Roles that more than one file could play, and the ids of these files. */
  readonly candidates: { readonly [role in ModelRole]?: readonly string[] }
  /** The last change, in a sentence, where it can be undone. */
  readonly undo?: string
}

/** Endings that models come with; only such files are looked at in a folder. What a file is, its content says. */
export const MODEL_ENDINGS = /\.(pt|pth|ckpt|bin|pkl|safetensors|npy|yaml|yml|json)$/i

/** One checkpoint laid open. */
export interface FileContents {
  readonly path: string
  readonly format: string
  readonly tensors: readonly {
    readonly name: string
    readonly dtype: string
    readonly shape: readonly number[]
    readonly bytes: number
  }[]
  /** Everything that is not a tensor, as indented text; empty when there is nothing. */
  readonly data: string
}
