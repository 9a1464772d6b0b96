// Information about model files: what each one is, which fit together, what is missing.
import type { FamilyName } from '../generators/families.ts'

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
  | 'clip'
  /** A generator of another family, a tokenizer of one, and a configuration file of one. */
  | 'generator'
  | 'tokenizer'
  | 'generator-config'
  | 'classes'
  | 'unknown'

/** One scanned file, or one model in a file that contains several. */
export interface ModelFile {
  /** Short and stable: the first 12 digits of the sha256, and the prefix of a model that is not alone in its file. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** Prefix of this model's tensor names in the file: `model.vqgan.` for a VQGAN inside a stage 2. */
  readonly prefix: string
  readonly kind: ModelKind
  readonly bytes: number
  /**
   * Of the whole file, and `#PREFIX` where it has several models of this kind: records, caches and comparisons tell them
   * apart by this. Empty for a file that is not a model and was not requested by name.
   */
  readonly sha256: string
  /** One line of text: `stage 1, 1024 wide, 16 layers, 8192 tokens, fp16`. */
  readonly summary: string
  /** The sizes that decide which files fit together. */
  readonly facts: Readonly<Record<string, number | string | boolean>>
  /** Why a file is unknown or cannot be used. */
  readonly problem?: string
  /** Prefixes of all models of this kind in the file, the recommended one first; absent if this is the only one. */
  readonly versions?: readonly string[]
  /** What a person should know before using it: tensors that are passed over. */
  readonly notes?: readonly string[]
}

/** The roles in a set. `stage1Class` is a class-conditional stage 1. */
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

/** Roles that a set without DiGIT can have as well. */
export const SHARED_ROLES: ReadonlySet<string> = new Set<ModelRole>(['vqgan', 'vqganConfig', 'classes'])

/** Files that work together: role -> ModelFile id. */
export type MatchedModels = { readonly [role in ModelRole]?: string }

/** The user's choice if several files fit: role -> path, or `path#prefix` of a model in a file with several. */
export type ModelChoice = { readonly [role in ModelRole]?: string }

/** A generator of another family than DiGIT, and the tokenizer that fits it. */
export interface MatchedGenerator {
  readonly family: FamilyName
  /** Ids of their files. */
  readonly generator: string
  readonly tokenizer?: string
  /** Why it cannot draw: what is missing, or does not fit. */
  readonly lacks?: string
  /** In the order of their ids, where they are not those of the set; empty if unknown. */
  readonly classNames?: readonly string[]
}

/** The result of `importModels`. */
export interface ModelSet {
  readonly files: readonly ModelFile[]
  readonly set: MatchedModels
  /** Generators of other families, in the order of their files. */
  readonly generators: readonly MatchedGenerator[]
  /** Empty roles that a file may have which cannot be used: its name, and why. Nothing takes its place silently. */
  readonly damaged?: { readonly [role in ModelRole]?: string }
  /** What is missing and its consequences, and selections made if several files fit. */
  readonly notes: readonly string[]
  /** What no file says and was assumed to be as in the release: it decides the pixels. Among the notes, too. */
  readonly assumed: readonly string[]
  /** Class names in the order of their ids; empty if unknown. */
  readonly classNames: readonly string[]
}

/** A folder or file that the workbench has open, or could reopen. */
export interface ModelSource {
  readonly id: string
  /** Without folders: `DiGIT`. */
  readonly name: string
  /** The bundled demo, a path on this machine, or a copy in the workspace. */
  readonly kind: 'demo' | 'place' | 'copy'
  readonly open: boolean
  /** Disk space used by a copy. */
  readonly bytes?: number
}

/** What the workbench has open, and what the user may change about it. */
export interface OpenedModels {
  /** The demo and the copies are listed whether open or not. */
  readonly sources: readonly ModelSource[]
  /** The user's own choices: role -> ModelFile id. */
  readonly choice: MatchedModels
  /** Roles that several files could fill, and the ids of these files. */
  readonly candidates: { readonly [role in ModelRole]?: readonly string[] }
  /** Description of the last change, if it can be undone. */
  readonly undo?: string
}

/** File extensions of models; only such files are scanned in a folder. The content decides what a file is. */
export const MODEL_ENDINGS = /\.(pt|pth|ckpt|bin|pkl|safetensors|npy|yaml|yml|json)$/i

/** The contents of one checkpoint. */
export interface FileContents {
  readonly path: string
  readonly format: string
  readonly tensors: readonly {
    readonly name: string
    readonly dtype: string
    readonly shape: readonly number[]
    readonly bytes: number
    /** Why it cannot be read. */
    readonly problem?: string
  }[]
  /** Everything except tensors, as indented text; empty if there is nothing. */
  readonly data: string
}
