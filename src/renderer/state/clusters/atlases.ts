// Atlases of the workspace: listed at every connection, updated by events, started and stopped.
import type { Where } from '../../../shared/slurm/submission.ts'
import { computed, shallowRef } from 'vue'
import type { GridShape } from '../../../shared/grid/shape.ts'
import { gridOfAtlas } from '../../../shared/atlas/atlas.ts'
import type { AskedTokens, AtlasRequest, WorkspaceAtlas } from '../../../shared/atlas/atlases.ts'
import { contentsOf, forgetAtlas } from './atlas.ts'
import { address, go, type PageName } from '../app/address.ts'
import { valueOf } from '../app/asking.ts'
import { calls } from '../app/calls.ts'
import { fileOf, modelSet } from '../models/models-in-use.ts'
import { opened } from '../models/opened-models.ts'
import { pictureFolders } from './picture-folders.ts'
import { notify } from '../app/notices.ts'
import { attempt, attemptAgain } from '../app/problems.ts'
import { runOf, runs } from '../sample/runs.ts'
import { imageWords, timeWords } from '../app/words.ts'
import { runName } from '../images/run-names.ts'

/** Undefined until listed. */
export const atlases = shallowRef<readonly WorkspaceAtlas[]>()

const isOpen = ({ status }: WorkspaceAtlas) => status.state === 'queued' || status.state === 'running'
export const finishedAtlases = computed(() => (atlases.value ?? []).filter(({ info }) => info !== undefined))
/** The grid of the images of an atlas; undefined until it is known. */
export function gridIn(id: string): GridShape | undefined {
  const own = finishedAtlases.value.find((atlas) => atlas.id === id)
  const info = own?.info ?? valueOf(contentsOf(id))?.info
  return info && gridOfAtlas(info)
}
/** Atlases whose usage can be compared with this one: those of the same codebook. */
export function comparableAtlases(id: string): readonly WorkspaceAtlas[] {
  const own = finishedAtlases.value.find((atlas) => atlas.id === id)
  return finishedAtlases.value.filter(
    (atlas) =>
      atlas.id !== id &&
      atlas.tokens === own?.tokens &&
      atlas.scale === own.scale &&
      atlas.codebook === own.codebook,
  )
}
export const openAtlases = computed(() => (atlases.value ?? []).filter(isOpen))
/** Stopped or failed atlases without an earlier finished version. */
export const brokenAtlases = computed(() =>
  (atlases.value ?? []).filter((atlas) => !isOpen(atlas) && atlas.info === undefined),
)

export const isDemoOpen = computed(() =>
  opened.value.sources.some(({ kind, open }) => kind === 'demo' && open),
)
/** Runs whose images have tokens. */
export const sampledRuns = computed(() =>
  runs.value.filter(({ request, finished, status }) => request && finished > 0 && status.state !== 'running'),
)

const LAST = 'digit.atlas'
const last = shallowRef(globalThis.localStorage?.getItem(LAST) ?? undefined)
/** The atlas that Clusters opens with from now on: the one opened last, or just built. */
export function showNext(id: string): void {
  last.value = id
  globalThis.localStorage?.setItem(LAST, id)
}
/** That one if it is still there, else the newest. */
export const nextAtlas = computed(
  () => finishedAtlases.value.find(({ id }) => id === last.value) ?? finishedAtlases.value[0],
)

/** Updates an atlas. One that was started here is announced when it is finished, unless the page shows it. */
export function putAtlas(atlas: WorkspaceAtlas): void {
  const others = (atlases.value ?? []).filter(({ id }) => id !== atlas.id)
  atlases.value = [Object.freeze(atlas), ...others]
  if (!atlas.info) return
  forgetAtlas(atlas.id)
  showNext(atlas.id)
  const { page, run } = address.value
  const from = startedFrom.get(atlas.id)
  if (isOpen(atlas) || from === undefined) return
  startedFrom.delete(atlas.id)
  // A stopped or failed one keeps its earlier numbers.
  if (atlas.status.state !== 'done') return
  // The page that started it shows it, except for an atlas that stays open on Clusters.
  if (page === from && !(page === 'clusters' && run !== undefined)) return
  notify(`Built the atlas of ${atlasWords(atlas)}`, {
    text: 'Show',
    press: () => go({ page: 'clusters', run: atlas.id }),
  })
}
/** Started by this tab, and on which page. */
const startedFrom = new Map<string, PageName>()

export async function refetchAtlases(): Promise<void> {
  const found = await attemptAgain('Could not list the atlases', () => calls().listAtlases())
  if (found) atlases.value = Object.freeze(found)
}

/** @param place absent: where the same atlas was started before */
export async function startAtlas(request: AtlasRequest, place?: Where): Promise<string | undefined> {
  const id = await attempt('Could not start the atlas', () => calls().startAtlas(request, place))
  if (id !== undefined) startedFrom.set(id, address.value.page)
  return id
}
export const stopAtlas = (id: string) => attempt('Could not stop the atlas', () => calls().cancelAtlas(id))

/** The atlas with the most cells for the codebook in a model file; the file may be any model that contains it. */
export const atlasOf = (tokens: WorkspaceAtlas['tokens'], codebook: string | undefined) =>
  finishedAtlases.value
    .filter((atlas) => atlas.tokens === tokens && atlas.codebook === codebook)
    .sort((a, b) => b.info!.cells - a.info!.cells)[0]
/** For the open models. */
export const atlasInUse = (tokens: WorkspaceAtlas['tokens']) =>
  atlasOf(tokens, fileOf(tokens === 'codes' ? 'vqgan' : 'codebook')?.sha256)

/** `Demo pictures`, the folder's name, or the run's title. */
export function sourceWords(source: WorkspaceAtlas['source']): string {
  if (source.kind === 'demo') return 'Demo pictures'
  if (source.kind === 'set') {
    const folder = pictureFolders.value.find(({ set }) => set === source.set)
    return folder
      ? `${folder.name}${folder.images === undefined ? '' : ` · ${imageWords(folder.images)}`}`
      : 'Folder no longer listed'
  }
  const run = runOf(source.run)
  return run ? `${runName(run)} · ${timeWords(run.started)}` : source.run
}
/** `clusters`, `VQGAN codes by vq_ds16_c2i.pt`, `VQGAN codes, 13 × 13`. */
export const tokenWords = ({ tokens, scale, otherCodebook }: AskedTokens): string =>
  (tokens === 'codes' ? 'VQGAN codes' : 'clusters') +
  (scale === undefined ? '' : `, ${scale} × ${scale}`) +
  (otherCodebook === undefined ? '' : ` by ${fileWords(otherCodebook)}`)

/** The name of an open file by its hash prefix, else the prefix. */
export const fileWords = (hash: string): string =>
  modelSet.value?.files
    .find(({ sha256 }) => sha256.startsWith(hash))
    ?.path.split('/')
    .at(-1) ?? hash

/** `Demo pictures · clusters · 576 images`, `Demo pictures · clusters by km_512.npy · 576 images`. */
export function atlasWords(atlas: WorkspaceAtlas): string {
  const images = atlas.info ? [imageWords(atlas.info.images)] : []
  return [sourceWords(atlas.source), tokenWords(atlas), ...images].join(' · ')
}
