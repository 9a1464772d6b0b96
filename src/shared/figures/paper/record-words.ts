// Records of a figure's images -> a caption and text for the methods section.
import { APP } from '../../app.ts'
import { codebookWords, sampledWords } from '../../run/sampled-with.ts'
import { panelImages, panelsOf, type Figure } from '../figure.ts'
import { refKey } from '../image-ref.ts'
import { shortHash } from '../../models/model-hash.ts'
import { measuredOf } from './bibliography.ts'
import { measuredParagraphs } from './measured-words.ts'
import { recipeGroups, type KeptRecipe, type RecipeGroup } from './kept-recipe.ts'
import { panelLetter } from '../layout.ts'
import type { Panel, PanelOf } from '../panels.ts'
import { selectionSentence } from './selection-words.ts'

const KIND_WORDS: Readonly<Record<Panel['kind'], string>> = {
  grid: 'Samples',
  reconstruction: 'Reconstructions',
  steps: 'Cells decided after fractions of the decoding steps',
  variance: 'Per-pixel mean and standard deviation over samples',
  cluster: 'Cells of one cluster',
  intervention: 'Edited tokens and the effect of the edit',
  chart: 'Curves',
  map: 'Map of clusters',
  table: 'Results',
}

/**
 * One sentence per panel and how its images were sampled, once at the end if that is the same for all panels; then how
 * the images were selected.
 */
export function captionText(figure: Figure): string {
  return [...panelSentences(figure), selectionSentence(figure) ?? []].flat().join(' ')
}

function panelSentences(figure: Figure, withSettings = true): string[] {
  const panels = panelsOf(figure)
  const letters = figure.letters ?? panels.length > 1
  const drawn = panels.map((panel) =>
    recipeGroups(figure, panelImages(panel).map(refKey)).map((group) => `${capital(drawnWords(group))}.`),
  )
  const different = new Set(drawn.filter((words) => words.length > 0).map((words) => words.join(' ')))
  const parts = panels.map((panel, i) => {
    const about = panel.title ?? KIND_WORDS[panel.kind]
    const words = `${letters ? `${panelLetter(i)} ` : ''}${about}${panelCount(panel)}.`
    return withSettings && different.size > 1 ? [words, ...drawn[i]!].join(' ') : words
  })
  return withSettings && different.size === 1 ? [...parts, ...different] : parts
}

function panelCount(panel: Panel): string {
  if (panel.kind === 'cluster')
    return ` (${panel.grid === 'codes' ? 'code' : 'cluster'} ${panel.token}, ${panel.images.length} images)`
  if (panel.kind === 'variance')
    return ` (${panel.groups.map(({ label, images }) => `${label}: n = ${images.length}`).join('; ')})`
  if (panel.kind !== 'chart') return ''
  const told = [panel.series.find(({ protocol }) => protocol)?.protocol ?? [], barWords(panel) ?? []].flat()
  return told.length > 0 ? ` (${told.join('; ')})` : ''
}

/** What the bars of a chart are; undefined without bars. */
function barWords({ series }: PanelOf<'chart'>): string | undefined {
  const drawn = series.find(({ errors }) => errors?.some((error) => error > 0))
  if (!drawn) return undefined
  if (drawn.bars === '95 % interval') return 'bars: 95 % interval'
  return `bars: 1 standard error${drawn.how?.error ? `, ${drawn.how.error}` : ''}`
}

/** `stage 1 with top-k 200 at temperature 1, ..., seed 0, images 0–15`. */
const drawnWords = ({ recipe, images, classes }: RecipeGroup): string =>
  [
    sampledWords(recipe),
    `${images.length === 1 ? 'image' : 'images'} ${ranges(images)}`,
    ...(classes.length > 0 ? [`${classes.length === 1 ? 'class' : 'classes'} ${ranges(classes)}`] : []),
  ].join(', ')

/** `0-3, 7, 9-11` for ascending numbers. */
export function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = []
  for (const n of numbers) {
    const last = parts.at(-1)
    if (last && last[1] === n - 1) last[1] = n
    else parts.push([n, n])
  }
  return parts.map(([a, b]) => (a === b ? String(a) : b === a + 1 ? `${a}, ${b}` : `${a}–${b}`)).join(', ')
}

const HASH_DIGITS = 16

const precisionWords = (bits: number) => (bits === 16 ? 'in float16' : `with ${bits}-bit transformer weights`)

/** Everything needed to reproduce the images, as plain text. */
export function methodsText(figure: Figure): string {
  const groups = recipeGroups(figure)
  const all = Object.keys(figure.images ?? {}).length
  const told = groups.reduce((sum, { images }) => sum + images.length, 0)
  const sentences = new Map<string, string[]>()
  for (const group of groups) {
    const facts = factWords(group.recipe)
    const said = sentences.get(facts) ?? []
    sentences.set(facts, [...said, `${capital(drawnWords(group))}. n = ${group.images.length}.`])
  }
  const paragraphs = [...sentences].map(([facts, said]) => [...said, facts].join(' '))
  const protocols = new Set(
    panelsOf(figure).flatMap((panel) =>
      panel.kind === 'chart'
        ? panel.series.flatMap(({ protocol, how }) => (how ? [] : (protocol ?? [])))
        : [],
    ),
  )
  return `${[
    [...panelSentences(figure, false), selectionSentence(figure) ?? []].flat().join(' '),
    ...paragraphs,
    ...(all > told ? [`${all - told} of ${all} images have no record, or share it with another image.`] : []),
    ...measuredParagraphs(measuredOf(figure)),
    ...[...protocols].map((protocol) => `Values: ${protocol}.`),
    ...(all > 0 && !selectionSentence(figure) ? ['The selection of the images is not stated.'] : []),
  ].join('\n\n')}\n`
}

/** What the images of several groups have in common, so that it is said once. */
const factWords = (recipe: KeptRecipe): string =>
  `Models: ${modelWords(recipe)}. ${codebooks(recipe)}Computed on ${recipe.provider} ${precisionWords(recipe.weightBits)} by ${APP.name} ${APP.version}; each image depends only on the models, the seed and its own number.`

const codebooks = (recipe: KeptRecipe) => {
  const words = codebookWords(recipe.codebooks)
  return words === undefined ? '' : `${words}. `
}

const modelWords = ({ stage1, stage2, generator, encoder, codebook, vqgan, pinned }: KeptRecipe): string =>
  [
    ['stage 1', stage1?.sha256],
    ['stage 2', stage2?.sha256],
    ['generator', generator?.sha256],
    ['encoder', encoder],
    ['codebook', codebook],
    ['VQGAN', vqgan],
    ['fixed tokens', pinned],
  ]
    .flatMap(([role, hash]) => (hash ? [`${role} sha256 ${shortHash(hash, HASH_DIGITS)}`] : []))
    .join(', ')

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
