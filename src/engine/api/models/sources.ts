// The part of the contract for sources of models: opened, closed, copied into the workspace, deleted.
import { join } from 'node:path'
import type { EngineApi } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import type { Networks } from '../../devices/network-pool.ts'
import type { Copies } from '../../workspace/copies.ts'
import { choiceAmong, isInside } from '../../workspace/kept-models.ts'
import type { OpenModelsState } from './open-models.ts'

export type SourceCalls = Pick<
  EngineApi,
  'useSource' | 'removeSource' | 'undoOpening' | 'startCopy' | 'copyPiece' | 'finishCopy' | 'abandonCopy'
>

export interface SourceOptions {
  readonly workspace: string
  readonly networks: Networks
  readonly copies: Copies
  readonly state: OpenModelsState
  /** Images were copied into the workspace. */
  readonly imagesCopied: (path: string) => Promise<void>
}

export function sourceCalls(options: SourceOptions): SourceCalls {
  const { workspace, networks, copies, state, imagesCopied } = options
  const sourceOf = (id: string) => {
    const source = state.sources().find((source) => source.id === id)
    if (!source) throw new RequestError(`model source '${id}' not found`)
    return source
  }
  return {
    async useSource(id, wanted) {
      const { path, name, kind } = sourceOf(id)
      const others = state.current().opening.paths.filter((other) => other !== path)
      const what = kind === 'demo' ? 'the demo' : name
      await state.change(wanted ? [...others, path] : others, `${wanted ? 'Opened' : 'Closed'} ${what}.`)
    },
    async removeSource(id) {
      // Open networks map their files, which prevents deletion on some systems.
      await networks.close()
      const { path, kind } = sourceOf(id)
      if (kind !== 'copy') throw new RequestError('only copies in the workspace can be deleted')
      await copies.remove(path)
      const { opening } = state.current()
      const paths = opening.paths.filter((other) => !isInside(other, path))
      await state.open({ paths, choice: choiceAmong(opening.choice, paths) })
    },
    async undoOpening() {
      const { undo } = state.current()
      if (!undo) throw new RequestError('nothing to undo')
      await state.open(undo.opening)
    },
    startCopy: copies.start,
    copyPiece: copies.add,
    async finishCopy(copy) {
      const path = await copies.finish(copy)
      if (!isInside(path, join(workspace, 'images'))) return void (await state.add([path]))
      await imagesCopied(path).catch(async (error: Error) => {
        // Images that cannot be measured are not kept, because they would use disk space invisibly.
        await copies.remove(path)
        throw error
      })
    },
    abandonCopy: copies.abandon,
  }
}
