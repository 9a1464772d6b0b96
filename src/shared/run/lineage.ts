// What runs and images were made from, and what was made from them: nodes that name their parent. Pure: a page builds it from
// what it has, a published figure from the files. A run's parent is the image it was made from, an image's parent its run, a
// measurement's and a figure's the images in them.
import { branchCell, changeWords, editWords, handWords, purposeOf, type TokenWords } from './made-from.ts'
import { differingSettings, runTitle } from './run-title.ts'
import type { WorkspaceRun } from './listed-run.ts'
import type { SampleRequest } from './run.ts'

export const NODE_WORDS = {
  picture: 'Picture',
  sweep: 'Sweep',
  run: 'Run',
  reconstruction: 'Reconstruction',
  edit: 'Edit',
  branch: 'Branch',
  intervention: 'Intervention',
  variance: 'Variance',
  decoding: 'Decoding',
  image: 'Image',
  measurement: 'Measurement',
  figure: 'Figure',
  missing: 'Not in this workspace',
} as const
export type NodeKind = keyof typeof NODE_WORDS

export interface LineageNode {
  /** `run:ID`, `image:RUN#N`, `sweep:ID`, `measurement:ID`, `figure:ID`, `picture:NAME`. */
  readonly id: string
  readonly kind: NodeKind
  /** What it is; of something that was made from an image, what differs from it. */
  readonly name: string
  readonly parent?: string
  /** Where it can be opened: the id of the run, sweep, measurement or figure. */
  readonly opens?: string
  readonly image?: number
}

export interface ImagePlace {
  readonly run: string
  readonly image: number
}
/** A run, or one of its images. */
export interface LineagePlace {
  readonly run: string
  readonly image?: number | undefined
}

export type RunFacts = Pick<WorkspaceRun, 'id' | 'name' | 'request' | 'reconstruct' | 'pictures'>

export interface LineageFacts {
  /** By id, cells of sweeps included where they are known. */
  readonly runs: ReadonlyMap<string, RunFacts>
  /** The settings that the cells of a sweep share, by its id. */
  readonly sweeps: ReadonlyMap<string, SampleRequest>
  readonly measurements: readonly { readonly id: string; readonly run: string; readonly name: string }[]
  readonly figures: readonly { readonly id: string; readonly images: readonly ImagePlace[] }[]
  /** Discriminative tokens of an image, where they have been read. */
  grid?(run: string, image: number): ArrayLike<number> | undefined
  className(run: string, index: number): string
  /** Label of a cluster, for the models of a run. */
  label?(run: string, entry: number): string | undefined
}

const imageId = ({ run, image }: ImagePlace) => `image:${run}#${image}`

/** From the root down to the place itself. */
export function chainOf(facts: LineageFacts, { run, image }: LineagePlace): readonly LineageNode[] {
  const chain: LineageNode[] = []
  const seen = new Set<string>()
  let [at, of] = [run, image]
  // A record that somebody edited may name itself.
  while (!seen.has(at)) {
    seen.add(at)
    if (of !== undefined) chain.unshift(imageNode(facts, { run: at, image: of }))
    chain.unshift(runNode(facts, at))
    const found = facts.runs.get(at)
    const from = found?.request?.from
    if (!from) {
      const sweep = sweepOf(at)
      const picture = of === undefined ? undefined : found?.pictures?.[of]
      if (sweep !== undefined) chain.unshift(sweepNode(sweep))
      if (found?.reconstruct && picture !== undefined)
        chain.unshift({ id: `picture:${picture}`, kind: 'picture', name: picture })
      break
    }
    at = from.run
    of = from.image
  }
  return chain
}

/** What was made from the image, or from the run: runs, measurements, figures. */
export function madeFrom(facts: LineageFacts, { run, image }: LineagePlace): readonly LineageNode[] {
  const isHere = (other: ImagePlace) => other.run === run && (image === undefined || other.image === image)
  const runs = [...facts.runs.values()].filter(
    ({ id, request }) => id !== run && request?.from && isHere(request.from),
  )
  const parent = image === undefined ? `run:${run}` : imageId({ run, image })
  return [
    ...runs.map(({ id }) => runNode(facts, id)),
    ...(image === undefined ? measured(facts, run) : []),
    ...facts.figures
      .filter(({ images }) => images.some(isHere))
      .map(({ id }): LineageNode => ({ id: `figure:${id}`, kind: 'figure', name: id, parent, opens: id })),
  ]
}

/** The other runs that were made from the same image. */
export function madeBeside(facts: LineageFacts, { run }: LineagePlace): readonly LineageNode[] {
  const from = facts.runs.get(run)?.request?.from
  if (!from) return []
  return madeFrom(facts, from).filter(({ id, kind }) => id !== `run:${run}` && kind !== 'figure')
}

export interface LineageRow {
  readonly node: LineageNode
  readonly depth: number
}

/** Everything that has the same root, as the rows of a tree; images appear where something was made from them. */
export function treeOf(facts: LineageFacts, place: LineagePlace): readonly LineageRow[] {
  const [first] = chainOf(facts, { run: place.run })
  const rows: LineageRow[] = []
  const seen = new Set<string>()
  const add = (node: LineageNode, depth: number): void => {
    if (seen.has(node.id)) return
    seen.add(node.id)
    rows.push({ node, depth })
    for (const child of below(facts, node, place)) add(child, depth + 1)
  }
  if (first) add(first, 0)
  return rows
}

function below(facts: LineageFacts, node: LineageNode, place: LineagePlace): readonly LineageNode[] {
  const { kind, opens = '', image } = node
  if (kind === 'measurement' || kind === 'figure' || kind === 'picture') return []
  // The cells of a sweep are listed on its own page.
  if (kind === 'sweep') return sweepOf(place.run) === opens ? [runNode(facts, place.run)] : []
  if (kind === 'image')
    return madeFrom(facts, { run: opens, image }).filter((child) => child.kind !== 'figure')
  const children = madeFrom(facts, { run: opens })
  const images = new Map<string, LineageNode>()
  for (const { kind: made, opens: id = '' } of children) {
    const from = made === 'figure' || made === 'measurement' ? undefined : facts.runs.get(id)?.request?.from
    if (from) images.set(imageId(from), imageNode(facts, from))
  }
  return [
    ...images.values(),
    ...children.filter((child) => child.kind === 'measurement' || child.kind === 'figure'),
  ]
}

const measured = ({ measurements }: LineageFacts, run: string) =>
  measurements
    .filter((one) => one.run === run)
    .map(({ id, name }): LineageNode => ({
      id: `measurement:${id}`,
      kind: 'measurement',
      name,
      parent: `run:${run}`,
      opens: id,
    }))

const sweepOf = (run: string): string | undefined => (run.includes('@') ? run.split('@')[0] : undefined)
const sweepNode = (id: string): LineageNode => ({ id: `sweep:${id}`, kind: 'sweep', name: id, opens: id })

function imageNode(facts: LineageFacts, { run, image }: ImagePlace): LineageNode {
  const { classes = [] } = facts.runs.get(run)?.request ?? {}
  const label = classes.length > 0 ? ` · ${facts.className(run, classes[image % classes.length]!)}` : ''
  return {
    id: imageId({ run, image }),
    kind: 'image',
    name: `image ${image}${label}`,
    parent: `run:${run}`,
    opens: run,
    image,
  }
}

function runNode(facts: LineageFacts, id: string): LineageNode {
  const found = facts.runs.get(id)
  const node = { id: `run:${id}`, opens: id }
  const sweep = sweepOf(id)
  if (!found) return { ...node, kind: 'missing', name: id, ...(sweep ? { parent: `sweep:${sweep}` } : {}) }
  const { request, reconstruct } = found
  const title = found.name ?? runTitle(found, (index) => facts.className(id, index))
  if (reconstruct) return { ...node, kind: 'reconstruction', name: title }
  if (sweep !== undefined) {
    const base = facts.sweeps.get(sweep)
    const settings = base && request ? differingSettings(base, request).join(', ') : ''
    return { ...node, kind: 'run', name: settings || title, parent: `sweep:${sweep}` }
  }
  if (!request?.from) return { ...node, kind: 'run', name: title }
  const made = madeWords(facts, request, request.from)
  return { ...node, parent: imageId(request.from), ...made, name: found.name ?? made.name }
}

/** The kind of a run that was made from an image, and what differs from it. */
function madeWords(
  facts: LineageFacts,
  request: SampleRequest,
  from: ImagePlace,
): Pick<LineageNode, 'kind' | 'name'> {
  const token: TokenWords = (grid, entry) => {
    const label = grid === 'discriminative' ? facts.label?.(from.run, entry) : undefined
    return label ? `'${label}'` : String(entry)
  }
  const grid = facts.grid?.(from.run, from.image)
  const parent = facts.runs.get(from.run)?.request
  const settings = parent ? differingSettings(parent, request) : []
  const named = (kind: NodeKind, ...words: readonly string[]) => ({
    kind,
    name: [...words.filter((text) => text !== ''), ...settings].join(', '),
  })
  // A whole grid is the image's own, unless its tokens are known to differ.
  const whole = request.pinned?.[0]?.discriminative
  switch (purposeOf(request, grid ?? (whole?.every((entry) => entry >= 0) ? whole : undefined))) {
    case 'intervention': {
      const changes = request.changes!.map((change) => changeWords(change, token))
      return named(
        'intervention',
        ...changes.slice(0, 3),
        changes.length > 3 ? `${changes.length - 3} more` : '',
      )
    }
    case 'crossed':
      return named('variance', `${request.count} images of crossed grids and random numbers`)
    case 'many-grids':
      return named('variance', `${request.count} other grids, the same random numbers in stage 2`)
    case 'one-grid':
      return named('variance', `its grid decoded ${request.count} times`)
    case 'decoding':
      return named('decoding', `its grid decoded by ${request.stage2.toUpperCase()}`)
    case 'edit': {
      const cell = branchCell(request)
      const hand = handWords(request, grid, token)
      if (cell !== undefined) return named('branch', hand, `resampled from cell ${cell} on`)
      return named('edit', hand, editWords(request))
    }
  }
}
