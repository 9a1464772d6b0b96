// Roles and files -> words for the user.
import { dirname, relative, sep } from 'node:path'
import type { ModelFile, ModelKind, ModelRole } from '../../shared/models/models.ts'
import { choiceOf } from './versions.ts'

/** The role of each kind of file; a stage 1 with classes has `stage1Class`. */
export const KIND_ROLES: { readonly [kind in ModelKind]: ModelRole | undefined } = {
  stage1: 'stage1',
  'stage2-ar': 'stage2Ar',
  'stage2-nar': 'stage2Nar',
  'vq-ar': 'vqAr',
  'linear-probe': undefined,
  encoder: 'encoder',
  codebook: 'codebook',
  vqgan: 'vqgan',
  'vqgan-config': 'vqganConfig',
  inception: undefined,
  clip: undefined,
  generator: undefined,
  tokenizer: undefined,
  'generator-config': undefined,
  classes: 'classes',
  unknown: undefined,
}

/** Names of roles in sentences. */
export const ROLE_WORDS: { readonly [role in ModelRole]: string } = {
  encoder: 'encoder',
  codebook: 'codebook',
  stage1: 'stage 1',
  stage1Class: 'class-conditional stage 1',
  stage2Ar: 'stage 2 AR',
  stage2Nar: 'stage 2 NAR',
  vqAr: 'plain VQ AR',
  vqgan: 'VQGAN',
  vqganConfig: 'VQGAN yaml',
  classes: 'class names',
}

/** Paths relative to the common folder of all files, with the prefix where a file has several; full paths if that is the root. */
export function shortNames(files: readonly ModelFile[]): (file: ModelFile) => string {
  let shared = dirname(files[0]?.path ?? '')
  for (const { path } of files)
    while (!path.startsWith(shared.endsWith(sep) ? shared : shared + sep) && shared !== dirname(shared))
      shared = dirname(shared)
  return (file) => (shared === dirname(shared) ? choiceOf(file) : relative(shared, choiceOf(file)))
}
