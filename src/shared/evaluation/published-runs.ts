// How a published row can be measured here, or why it cannot: public weights, published samples, or neither.
import type { PublishedSamples } from './published.ts'

/** What must have made samples for them to be those of a row. */
export type RowSource =
  /** DiGIT's stage 1 of this width and kind of stage 2; `plain` without one. */
  | { readonly kind: 'digit'; readonly width: number; readonly stage2: 'ar' | 'nar' | 'plain' }
  /** A generator of this width; `guided` says whether with guidance, where rows differ in it. */
  | {
      readonly kind: 'generator'
      readonly family: string
      readonly width: number
      readonly guided?: boolean
      /** How it differs from the row's own model. */
      readonly note?: string
    }
  /** A published batch of samples, by its file: no model is needed. */
  | { readonly kind: 'samples'; readonly file: string }
  | { readonly kind: 'none'; readonly why: string }

const none = (why: string): RowSource => ({ kind: 'none', why })
const generator = (family: string, width: number, more: object = {}): RowSource => ({
  kind: 'generator',
  family,
  width,
  ...more,
})
const digit = (width: number, stage2: 'ar' | 'nar' | 'plain'): RowSource => ({ kind: 'digit', width, stage2 })

const BASE = 1024
const LARGE = 1536

/** By method and parameters, as printed. */
const UNCONDITIONAL: Readonly<Record<string, RowSource>> = {
  'BigGAN 70M': none('No public weights'),
  'LDM 395M': none('No public weights for unconditional ImageNet'),
  'ADM 554M': none('Its network is not supported: diffusion of pixels'),
  'MAGE 200M': generator('mage', 768),
  'MAGE 463M': generator('mage', 1024),
  'MaskGIT 227M': none('Public weights are class-conditional only'),
  'DiGIT + MaskGIT 219M': digit(BASE, 'nar'),
  'VQGAN 214M': digit(BASE, 'plain'),
  'DiGIT + VQGAN 219M': digit(BASE, 'ar'),
  'DiGIT + VQGAN 732M': digit(LARGE, 'ar'),
}

const CLASS_CONDITIONAL: Readonly<Record<string, RowSource>> = {
  'BigGAN 160M': { kind: 'samples', file: 'biggan_deep_trunc1_imagenet256.npz' },
  'ADM 554M': { kind: 'samples', file: 'admnet_imagenet256.npz' },
  'LDM-4 400M': none('Its network is not supported: diffusion in a latent space'),
  'DiT-XL/2 675M': none('Its network is not supported: diffusion; weights under CC BY-NC'),
  'L-DiT-7B 7B': none('Its network is not supported: diffusion of 7 billion parameters'),
  'CQR-Trans 371M': none('No public code or weights'),
  'VAR 310M': generator('var', 1024, { guided: false }),
  'VAR 310M *': generator('var', 1024, { guided: true }),
  'VAR 600M *': generator('var', 1280, { guided: true }),
  'MAGVIT-v2 307M': none('Closed: no public weights'),
  'VQVAE-2 13.5B': none('No official weights'),
  'RQ-Trans 480M': none('Not supported: weights under CC BY-NC-SA'),
  'RQ-Trans 3.8B': none('Not supported: weights under CC BY-NC-SA'),
  'ViTVQGAN 650M': none('Public weights of its tokenizer only'),
  'ViTVQGAN 1.7B': none('Public weights of its tokenizer only'),
  'MaskGIT 227M': generator('maskgit', 768, {
    note: "valeoai's training of it, which publishes FID 6.80 and IS 214.0",
  }),
  'DiGIT + MaskGIT 219M': digit(BASE, 'nar'),
  'VQGAN 227M': none("MaskGIT's own training of it, not public; the public model is larger (1.4B)"),
  'DiGIT + VQGAN 219M': digit(BASE, 'ar'),
  'DiGIT + VQGAN 732M': digit(LARGE, 'ar'),
}

/** Of a row of either table. */
export function sourceOf(
  { method, parameters, guided }: Pick<PublishedSamples, 'method' | 'parameters' | 'guided'>,
  table: 'unconditional' | 'class',
): RowSource {
  const rows = table === 'class' ? CLASS_CONDITIONAL : UNCONDITIONAL
  return rows[`${method} ${parameters.text}${guided ? ' *' : ''}`] ?? none('Unknown')
}

/** What a stamp says of how its samples were made. */
export interface MadeSamples {
  /** Name of their file or folder. */
  readonly path: string
  readonly recipe?: unknown
  /** By sha256, of the models in use. */
  widthOf(sha256: string): number | undefined
  readonly models?: unknown
}

interface KnownRecipe {
  readonly stage1?: { readonly kind?: string; readonly sha256?: string }
  readonly stage2?: { readonly kind?: string }
  readonly generator?: {
    readonly family?: string
    readonly sha256?: string
    readonly settings?: { readonly guidance?: number }
  }
  readonly classes?: unknown
}

/** Whether samples are those of a row. `unguided`: the value at which guidance changes nothing. */
export function isOfRow(source: RowSource, made: MadeSamples, unguided: number | undefined): boolean {
  if (source.kind === 'none') return false
  if (source.kind === 'samples') return made.path.split(/[\\/]/).at(-1) === source.file
  const { stage1, stage2, generator } = (made.recipe ?? {}) as KnownRecipe
  if (source.kind === 'generator') {
    if (generator?.family !== source.family || widthOf(made, generator.sha256) !== source.width) return false
    return source.guided === undefined || source.guided === (generator.settings?.guidance !== unguided)
  }
  if (generator || !stage1 || widthOf(made, stage1.sha256) !== source.width) return false
  const kind = stage1.kind === 'vq-ar' ? 'plain' : stage2?.kind === 'stage2-nar' ? 'nar' : 'ar'
  return kind === source.stage2
}

/** As recorded with the samples, else of the file among the models in use. */
function widthOf({ models, widthOf }: MadeSamples, sha256: string | undefined): number | undefined {
  if (sha256 === undefined) return undefined
  const all = Array.isArray(models) ? (models as { sha256?: unknown; width?: unknown }[]) : []
  const recorded = all.find((model) => model.sha256 === sha256)?.width
  return typeof recorded === 'number' ? recorded : widthOf(sha256)
}
