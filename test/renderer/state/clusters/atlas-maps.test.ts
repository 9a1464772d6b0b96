// While UMAP starts, no page may offer to start it again.
import { expect, it } from 'vitest'
import type { EngineApi } from '../../../../src/shared/contract/api.ts'
import { mapChanged, mapStatusOf, startMap } from '../../../../src/renderer/state/clusters/atlas-maps.ts'
import { useEngine } from '../../../../src/renderer/state/app/calls.ts'
import { problems } from '../../../../src/renderer/state/app/problems.ts'

const engine = (start: () => Promise<void>) => useEngine({ startMap: start } as unknown as EngineApi)

it('a map is queued from the press on, and then what the engine reports', async () => {
  let answer = () => {}
  engine(() => new Promise((resolve) => (answer = resolve)))
  const started = startMap('a')
  expect(mapStatusOf('a')).toEqual({ state: 'queued' })
  const running = { state: 'running', step: 0, of: 1, note: 'UMAP' } as const
  mapChanged('a', running)
  answer()
  await started
  expect(mapStatusOf('a')).toBe(running)
})

it('a map that is there already, or could not start, is not queued for ever', async () => {
  engine(() => Promise.resolve())
  await startMap('b')
  expect(mapStatusOf('b')).toBeUndefined()
  engine(() => Promise.reject(new Error('no such atlas')))
  await startMap('b')
  expect(mapStatusOf('b')).toBeUndefined()
  expect(problems.value.map(({ title }) => title)).toContain('Could not start UMAP')
  problems.value = []
})
