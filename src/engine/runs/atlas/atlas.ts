// A token data set and its codebook -> an atlas: the statistics of every entry, computed once and stored.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DIRECTIONS } from '../../../shared/atlas/atlas.ts'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import { shortHash } from '../../../shared/models/model-hash.ts'
import type { AtlasSpec } from '../../../shared/run/run.ts'
import { makeFolder, sweepTemporaries } from '../../bytes/index.ts'
import { besideCounts } from '../../tokens/atlas/beside.ts'
import { distinctEntries, togetherCounts } from '../../tokens/atlas/together.ts'
import { tokenShards } from '../../tokens/dataset/shards.ts'
import { clearAtlas, readAtlasRecord, TOP, writeAtlasRecord } from './atlas-files.ts'
import { writeAtlasColours } from './atlas-colours.ts'
import { writeAtlasMaps } from './atlas-maps.ts'
import { writeAtlasTable } from './atlas-table.ts'
import { atlasWork, type AtlasWork } from './atlas-work.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { readCodebook, type CodebookEntries } from './codebook-entries.ts'
import { releaseLock, takeLock } from '../../records/folder-lock.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { openModels } from '../../model-set/open-models.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import {
  codebookOf,
  readDatasetRecord,
  vocabularyOf,
  type DatasetRecord,
} from '../../records/token-dataset.ts'

export async function runAtlas(spec: AtlasSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => atlas(spec, callbacks, keep))
}

async function atlas(spec: AtlasSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const dataset = await readDatasetRecord(spec.dataset)
  const models = keep(await openModels([spec.model, ...(spec.generatorFiles ?? [])], spec.choose))
  const codebook = await readCodebook(models, spec.tokens, codebookOf(dataset, spec.tokens))
  refuseOtherCodebook(dataset, codebook, spec)
  const { provider } = await chooseDevice(spec.device)
  await makeFolder(spec.out)
  const lock = join(spec.out, '.lock')
  await takeLock(lock)
  keep({ close: () => releaseLock(lock) })
  await sweepTemporaries(spec.out)
  const recipe = {
    tokens: spec.tokens,
    rows: await rowsDigest(spec.dataset),
    codebook: codebook.sha256,
    seed: spec.seed,
    top: TOP,
  }
  const record = {
    schema: 1 as const,
    app: `${APP.name} ${APP.version}`,
    recipe,
    root: dataset.root,
    dataset: spec.dataset,
    codebook: { path: codebook.path, sha256: codebook.sha256 },
  }
  const earlier = await readAtlasRecord(spec.out)
  if (JSON.stringify(earlier?.recipe) !== JSON.stringify(recipe)) {
    await clearAtlas(spec.out)
    await writeAtlasRecord(spec.out, record)
  }
  const work = atlasWork(spec, codebook, callbacks)
  await work.writeMembers()
  const info = await writeAtlasTable(work, dataset)
  await writeCounts(work)
  await writeAtlasColours(work, dataset.root)
  await writeAtlasMaps(work, provider)
  await writeAtlasRecord(spec.out, { ...record, info })
  const { entries, dead, rare, images, perplexity } = info
  return {
    finished: entries,
    summary:
      `atlas of ${entries} entries over ${images} images written to ${spec.out}: ${dead} dead, ${rare} rare, ` +
      `usage perplexity ${perplexity.toPrecision(4)}`,
  }
}

async function writeCounts({ codebook: { K }, columns, members, array }: AtlasWork): Promise<void> {
  await array('beside', 'adjacent entries', async () => ({
    data: besideCounts((await columns()).tokens, await members(), TOP),
    shape: [K, DIRECTIONS.length, TOP, 2],
  }))
  await array('together', 'co-occurring entries', async () => ({
    data: togetherCounts(distinctEntries(await columns(), K), await members(), TOP),
    shape: [K, 2, TOP, 2],
  }))
}

/** Distances and statistics are meaningless for a codebook other than that of the tokens. */
function refuseOtherCodebook(dataset: DatasetRecord, codebook: CodebookEntries, spec: AtlasSpec): void {
  const { path, K, sha256 } = codebook
  const least = vocabularyOf(dataset, spec.tokens, spec.dataset)
  if (least > K)
    throw new RequestError(
      `${path}: too few entries for the tokens in ${spec.dataset} (found ${K}, expected at least ${least})`,
    )
  const made = codebookOf(dataset, spec.tokens)
  if (made !== undefined && made !== sha256)
    throw new RequestError(
      `${path}: not the codebook of the tokens in ${spec.dataset} ` +
        `(sha256 ${shortHash(made)} recorded, ${shortHash(sha256)} found)`,
    )
}

/** Changes when rows are added to the data set or it is remade. */
async function rowsDigest(dataset: string): Promise<string> {
  const hash = createHash('sha256')
  for (const shard of await tokenShards(dataset)) {
    const { size, mtimeMs } = await stat(shard)
    hash.update(`${basename(shard)}|${size}|${mtimeMs}\n`)
  }
  return hash.digest('hex')
}
