// Shared work of the stages of an atlas: tokens are loaded on first use, and arrays are made once.
import type { GridShape } from '../../../shared/grid/shape.ts'
import type { AtlasSpec } from '../../../shared/run/run.ts'
import { writeFileAtomic, type NpyInput } from '../../bytes/index.ts'
import { tokensToMembers, type Members } from '../../tokens/atlas/members.ts'
import { readTokenColumns, type TokenColumns } from '../../tokens/dataset/columns.ts'
import { arrayPath, imagesPath, isThere, readArray, writeArray, type AtlasArray } from './atlas-files.ts'
import type { CodebookEntries } from './codebook-entries.ts'
import type { RunCallbacks } from '../../devices/callbacks.ts'

/** Stages counted by progress, including reading the tokens. */
const STAGES = 11

export interface AtlasWork {
  readonly spec: AtlasSpec
  readonly codebook: CodebookEntries
  readonly callbacks: RunCallbacks
  columns(): Promise<TokenColumns>
  members(): Promise<Members>
  /** Writes cells by entry, and class and path of each image, unless an earlier session did. */
  writeMembers(): Promise<void>
  /** Makes an array unless an earlier session has. */
  array(name: AtlasArray, note: string, make: () => Promise<NpyInput>): Promise<void>
  write(name: AtlasArray, array: NpyInput): Promise<void>
  /** Reports the next stage; rejects if the run was cancelled. */
  stage(note: string): void
}

export function atlasWork(spec: AtlasSpec, codebook: CodebookEntries, callbacks: RunCallbacks): AtlasWork {
  const { out } = spec
  let read: Promise<TokenColumns> | undefined
  let sorted: Promise<Members> | undefined
  let stages = 0
  const stage = (note: string) => {
    callbacks.signal.throwIfAborted()
    stages = Math.min(stages + 1, STAGES - 1)
    callbacks.progress(stages, STAGES, note)
  }
  const columns = () =>
    (read ??= readTokenColumns(spec.dataset, spec.tokens, codebook.K, (done, of) => {
      callbacks.signal.throwIfAborted()
      callbacks.progress(done / of, STAGES, 'reading tokens')
    }))
  const members = () =>
    (sorted ??= isThere(arrayPath(out, 'starts')).then(async (there) =>
      there ? readMembers(out, (await columns()).grid) : tokensToMembers(await columns(), codebook.K),
    ))
  return {
    spec,
    codebook,
    callbacks,
    columns,
    members,
    stage,
    write: (name, array) => writeArray(out, name, array),
    async writeMembers() {
      // Written last: if it exists, the others do.
      if (await isThere(arrayPath(out, 'starts'))) return
      const { classes, paths } = await columns()
      stage('cells of every entry')
      const { starts, cells, distances } = await members()
      await writeFileAtomic(imagesPath(out), paths.join('\n') + '\n')
      await writeArray(out, 'classes', { data: classes })
      if (distances) await writeArray(out, 'distances', { data: distances })
      await writeArray(out, 'cells', { data: cells })
      await writeArray(out, 'starts', { data: starts })
    },
    async array(name, note, make) {
      if (await isThere(arrayPath(out, name))) return
      stage(note)
      await writeArray(out, name, await make())
    },
  }
}

async function readMembers(folder: string, grid: GridShape): Promise<Members> {
  const members = {
    grid,
    starts: await readArray(folder, 'starts', Uint32Array),
    cells: await readArray(folder, 'cells', Uint32Array),
  }
  if (!(await isThere(arrayPath(folder, 'distances')))) return members
  return { ...members, distances: await readArray(folder, 'distances', Float32Array) }
}
