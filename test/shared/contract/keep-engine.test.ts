import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { afterCrash, keepEngine, type EngineStart } from '../../../src/shared/contract/keep-engine.ts'

const MINUTE = 60_000

const crash = (time: number, usedModels = true) => ({ time, usedModels })

it('models are reopened after one crash, but not after two within ten minutes', () => {
  expect(afterCrash([crash(0)], 0).opensModels).toBe(true)
  expect(afterCrash([crash(0), crash(MINUTE)], MINUTE).opensModels).toBe(false)
  expect(afterCrash([crash(0), crash(11 * MINUTE)], 11 * MINUTE).opensModels).toBe(true)
})

it('models that were open but unused are reopened after any number of crashes', () => {
  const others = [1, 2, 3, 4].map((second) => crash(second * 1000, false))
  expect(afterCrash(others, 5000)).toEqual({ opensModels: true, delay: 1600 })
  expect(afterCrash([...others, crash(4500)], 5000).opensModels).toBe(true)
  expect(afterCrash([crash(0), ...others, crash(4500)], 5000).opensModels).toBe(false)
})

it('waits longer after each crash, at most half a minute', () => {
  const delays = Array.from({ length: 10 }, (_, n) => afterCrash(new Array(n + 1).fill(crash(0)), 0).delay)
  expect(delays.slice(0, 4)).toEqual([200, 400, 800, 1600])
  expect(delays.at(-1)).toBe(30_000)
})

it('restarts the engine with the reason of the last crash, until it is stopped', async () => {
  const started: EngineStart[] = []
  const ends: ((how: string) => void)[] = []
  const startedTimes = (count: number) => expectSoon(() => started.length === count)
  const keeper = keepEngine({ models: ['/a'], workspace: '/w' }, (options) => {
    started.push(options)
    return {
      onExit: (end) => void ends.push(end),
      usesModels: () => true,
      kill: () => ends.at(-1)!('killed'),
    }
  })
  ends[0]!('signal SIGSEGV')
  expect(keeper.current()).toBeUndefined()
  await startedTimes(2)
  expect(started[1]).toMatchObject({ models: ['/a'], workspace: '/w', stopped: { opensModels: true } })
  expect(started[1]).not.toHaveProperty('held')
  ends[1]!('exit code 1')
  await startedTimes(3)
  expect(started[2]).toMatchObject({
    held: expect.stringContaining('exit code 1'),
    stopped: { opensModels: false },
  })
  keeper.modelsOpened()
  ends[2]!('exit code 1')
  await startedTimes(4)
  expect(started[3]).toMatchObject({ models: ['/a'], stopped: { opensModels: true } })
  expect(started[3]).not.toHaveProperty('held')
  keeper.stop()
  await wait(300)
  expect(started).toHaveLength(4)
})

async function expectSoon(reached: () => boolean) {
  while (!reached()) await wait(10)
}
