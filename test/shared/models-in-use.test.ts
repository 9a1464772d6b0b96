import { expect, it, vi } from 'vitest'
import { onModelsInUse, usingModels } from '../../src/shared/models/models-in-use.ts'

it('notifies the host when models are used, and when they have been unused for a while', async () => {
  vi.useFakeTimers()
  const told: boolean[] = []
  onModelsInUse((inUse) => told.push(inUse), 500)
  vi.advanceTimersByTime(600)
  expect(told).toEqual([false])
  for (let step = 0; step < 3; step++) {
    await usingModels(async () => expect(told).toEqual([false, true]))
    vi.advanceTimersByTime(400)
  }
  expect(told).toEqual([false, true])
  await expect(usingModels(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  vi.advanceTimersByTime(500)
  expect(told).toEqual([false, true, false])
  vi.useRealTimers()
})
