// The model set -> the steps from a picture to pixels, with the file for each and the consequence if it is missing.
import type { ModelFile, ModelSet, ModelRole } from '../../../shared/models/models.ts'

export interface ChainSlot {
  readonly role: ModelRole
  readonly name: string
  readonly file: ModelFile | undefined
  /** What is unavailable without it. */
  readonly without: string
  /** A file that belongs here, or may, and cannot be used. */
  readonly fault: SlotFault | undefined
}
export interface SlotFault {
  readonly word: 'Damaged' | 'Not usable'
  readonly reason: string
}
export interface ChainStep {
  readonly title: string
  readonly does: string
  readonly slots: readonly ChainSlot[]
}

const STEPS: readonly {
  title: string
  does: string
  slots: readonly [role: ModelRole, name: string, without: string][]
}[] = [
  {
    title: 'Encoder',
    does: 'picture → features',
    slots: [['encoder', 'DINOv2', 'Pictures cannot be tokenized or reconstructed. Sampling works.']],
  },
  {
    title: 'Codebook',
    does: 'features → tokens',
    slots: [['codebook', 'K-Means', 'Pictures cannot be tokenized or reconstructed. Sampling works.']],
  },
  {
    title: 'Stage 1',
    does: 'samples token grids',
    slots: [
      ['stage1', 'Unconditional', 'Unconditional sampling is unavailable.'],
      ['stage1Class', 'By class', 'Class-conditional sampling is unavailable.'],
    ],
  },
  {
    title: 'Stage 2',
    does: 'tokens → codes',
    slots: [
      ['stage2Ar', 'Autoregressive', 'Autoregressive decoding is unavailable.'],
      ['stage2Nar', 'Masked', 'Masked decoding is unavailable.'],
    ],
  },
  {
    title: 'VQGAN',
    does: 'codes → pixels',
    slots: [['vqgan', 'Decoder', 'No images: nothing can be sampled or decoded.']],
  },
]

/** Encoder, codebook, stage 1, stage 2, VQGAN. */
export function chainOf(modelSet: ModelSet): ChainStep[] {
  const { files, set, damaged = {} } = modelSet
  const shared = sharedFaults(modelSet)
  return STEPS.map(({ title, does, slots }) => ({
    title,
    does,
    slots: slots.map(([role, name, without]) => ({
      role,
      name,
      without,
      fault: shared.includes(damaged[role]!) ? undefined : faultOf(files, damaged[role]),
      file: files.find(({ id }) => id === set[role]),
    })),
  }))
}

/** Reasons of files that cannot be read and may belong to several empty slots: said once, beside the slots. */
export function sharedFaults({ files, damaged = {} }: ModelSet): readonly string[] {
  const reasons = Object.values(damaged)
  const isShared = (reason: string) => reasons.indexOf(reason) < reasons.lastIndexOf(reason)
  return [...new Set(reasons)].filter((reason) => isShared(reason) && isUnreadable(files, reason))
}

const isUnreadable = (files: readonly ModelFile[], reason: string): boolean =>
  files.some(({ path, facts }) => facts.unreadable === true && reason.startsWith(path.split('/').at(-1)!))

/** What a file that cannot be read contains is unknown, so it may belong to the empty slot. */
function faultOf(files: readonly ModelFile[], reason: string | undefined): SlotFault | undefined {
  if (reason === undefined) return undefined
  return isUnreadable(files, reason)
    ? { word: 'Damaged', reason: `${reason}. It may be this model.` }
    : { word: 'Not usable', reason: `${reason}.` }
}

/** The roles a file plays in the set. */
export function rolesOf({ set }: ModelSet, file: ModelFile): ModelRole[] {
  return (Object.entries(set) as [ModelRole, string][])
    .filter(([, id]) => id === file.id)
    .map(([role]) => role)
}

const KINDS: Readonly<Record<ModelFile['kind'], string>> = {
  stage1: 'Stage 1',
  'stage2-ar': 'Stage 2 AR',
  'stage2-nar': 'Stage 2 NAR',
  'vq-ar': 'VQ AR',
  'linear-probe': 'Linear probe',
  encoder: 'Encoder',
  codebook: 'Codebook',
  vqgan: 'VQGAN',
  'vqgan-config': 'VQGAN config',
  classes: 'Class names',
  inception: 'Inception-v3',
  clip: 'CLIP',
  generator: 'Generator',
  tokenizer: 'Tokenizer',
  'generator-config': 'Generator config',
  unknown: 'Unknown',
}

/** Of other generators, the summary says which. */
const OF_FAMILIES: readonly ModelFile['kind'][] = ['generator', 'tokenizer', 'generator-config']

/** Short name of a file's type. */
export function typeWords({ kind, summary }: ModelFile): string {
  if (!OF_FAMILIES.includes(kind)) return KINDS[kind]
  const words = summary.split(',')[0]!
  return words[0]!.toUpperCase() + words.slice(1)
}

/** A summary without the leading type: only the sizes, as text. */
export function sizesOf({ summary }: ModelFile): string[] {
  const parts = summary.split(/, (?![^[(]*[\])])/).slice(1)
  return parts.map((part) => (/^[\d.]+[kMB]$/.test(part) ? `${part} parameters` : part))
}

/** The same, and which model of the file it is where the file has several: `dino.pth#teacher.`. */
export const modelName = (file: ModelFile): string =>
  file.versions ? `${shortPath(file)}#${file.prefix}` : shortPath(file)

/** Enough of a file's path to identify it: `demo_stage1/checkpoint_last.pt`. */
export function shortPath({ path }: ModelFile): string {
  const parts = path.split('/')
  const name = parts.at(-1)!
  // Every training run uses the same checkpoint names; the folder above `checkpoints` identifies it.
  const folder = parts.slice(0, -1).findLast((part) => part !== 'checkpoints')
  return name.startsWith('checkpoint') && folder !== undefined ? `${folder}/${name}` : name
}
