// A panel type -> a valid new panel, made from the contents of the workspace.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { ImageRef } from '../../../shared/figures/image-ref.ts'
import type { PanelDraft } from './draft.ts'
import { stating } from './selection.ts'

export interface Stock {
  /** Newest first. */
  readonly runs: readonly WorkspaceRun[]
  /** Images in the comparison or favorites, or of the adjacent panel. */
  readonly chosen: readonly ImageRef[]
  /** Ids of finished atlases, newest first. */
  readonly atlases: readonly string[]
}

export interface PanelChoice {
  readonly name: string
  readonly what: string
  /** Why it cannot be created. */
  readonly lacks?: string
  make(): PanelDraft
}

const firsts = ({ id, finished }: WorkspaceRun, most: number): ImageRef[] =>
  Array.from({ length: Math.min(finished, most) }, (_, image) => ({ run: id, image }))

const FIRSTS = { rule: 'the first images of the run', uncurated: true }
const FIRST_OF_EACH = { rule: 'the first image of each run', uncurated: true }
const BY_HAND = { rule: 'chosen by hand', uncurated: false }

/** The panel types, in menu order. */
export function panelChoices({ runs, chosen, atlases }: Stock): readonly PanelChoice[] {
  const done = runs.filter(({ finished }) => finished > 0)
  const sampled = done.find(({ request }) => request)
  const made = done.find(({ reconstruct }) => reconstruct)
  const masked = done.find(({ request }) => request?.stage2 === 'nar')
  const plain = done.find(({ request }) => request?.stage2 === 'ar')
  const edited = done.find(({ request }) => request?.from && request.pinned)
  const many = done.find(({ finished }) => finished >= 2)
  const own = chosen.length > 0 ? chosen : sampled ? firsts(sampled, 8) : []
  const ownRule = chosen.length > 0 ? BY_HAND : FIRSTS
  const noRun = { lacks: 'needs a run with finished images' }
  const from = edited?.request?.from
  return [
    {
      name: 'Sample grid',
      what: 'images in rows and columns',
      ...(own.length > 0 ? {} : noRun),
      make: () => stating({ kind: 'grid', columns: 4, images: [...own] }, ownRule),
    },
    {
      name: 'Reconstruction strip',
      what: 'input, both token grids, output',
      ...(made ? {} : { lacks: 'needs a reconstruction' }),
      make: () => stating({ kind: 'reconstruction', images: firsts(made!, 3) }, FIRSTS),
    },
    {
      name: 'Cluster',
      what: 'the regions of one token in images',
      ...(own.length > 0 ? {} : noRun),
      make: () => stating({ kind: 'cluster', token: 0, columns: 4, images: own.slice(0, 8) }, ownRule),
    },
    {
      name: 'Intervention',
      what: 'before and after changing tokens',
      ...(from || own.length >= 2 ? {} : { lacks: 'needs an image edited in the studio' }),
      make: () => {
        const pair = from
          ? { before: from, after: { run: edited!.id, image: 0 } }
          : { before: own[0]!, after: own[1]! }
        return stating({ kind: 'intervention', pairs: [pair] }, from ? BY_HAND : ownRule)
      },
    },
    {
      name: 'Decoding steps',
      what: 'AR against NAR at fractions of the steps',
      ...(own.length > 0 ? {} : noRun),
      make: () => {
        const [ar, nar] = [plain, masked].map((run) => (run ? firsts(run, 1) : []))
        const images = [...ar!, ...nar!]
        const rowLabels = [...(plain ? ['autoregressive'] : []), ...(masked ? ['masked'] : [])]
        return images.length > 0
          ? stating({ kind: 'steps', images, rowLabels }, FIRST_OF_EACH)
          : stating({ kind: 'steps', images: own.slice(0, 1) }, ownRule)
      },
    },
    {
      name: 'Variance map',
      what: 'mean and deviation, pixel by pixel',
      ...(many ? {} : { lacks: 'needs a run with two images' }),
      make: () =>
        stating({ kind: 'variance', groups: [{ label: 'samples', images: firsts(many!, 16) }] }, FIRSTS),
    },
    {
      name: 'Metric curve',
      what: 'FID or IS over steps or settings',
      make: () => curve('step', 'FID ↓', 'model'),
    },
    {
      name: 'Trade-off',
      what: 'IS against FID, one point per setting',
      make: () => ({ ...curve('FID ↓', 'Inception Score ↑', 'top-k'), aspect: 0.7 }),
    },
    {
      name: 'Linear probe',
      what: 'accuracy over layers',
      make: () => curve('layer', 'top-1 accuracy (%)', 'stage 1'),
    },
    {
      name: 'Cluster map',
      what: 'the codebook of an atlas in 2D',
      ...(atlases.length > 0 ? {} : { lacks: 'needs an atlas' }),
      make: () => ({ kind: 'map', atlas: { folder: `../../atlases/${atlases[0]}`, plane: 'pca' } }),
    },
    {
      name: 'Results table',
      what: 'horizontal rules, best values in bold',
      make: () => ({
        kind: 'table',
        columns: [{ label: 'model' }, { label: 'FID ↓', best: 'lowest' }, { label: 'IS ↑', best: 'highest' }],
        rows: [['ours', 0, 0]],
      }),
    },
  ]
}

/** Images sent here: edited images appear next to their source, others in a grid. */
export function sentPanel(images: readonly ImageRef[], runs: readonly WorkspaceRun[]): PanelDraft {
  const pairs = images.flatMap((after) => {
    const before = 'run' in after ? runs.find(({ id }) => id === after.run)?.request?.from : undefined
    return before ? [{ before: { ...before }, after }] : []
  })
  if (pairs.length === images.length && pairs.length <= 100)
    return stating({ kind: 'intervention', pairs }, BY_HAND)
  return stating({ kind: 'grid', columns: 4, images: [...images] }, BY_HAND)
}

const curve = (x: string, y: string, label: string): PanelDraft & { kind: 'chart' } => ({
  kind: 'chart',
  x: { label: x },
  y: { label: y },
  series: [{ label, points: [] }],
})
