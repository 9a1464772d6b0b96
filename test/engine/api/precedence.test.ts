import { expect, it } from 'vitest'
import { precedence } from '../../../src/engine/api/precedence.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

it('a run waits until every call is answered, however many steps that takes', async () => {
  const { first, turn } = precedence()
  const order: string[] = []
  const calls = {
    async ask(name: string) {
      for (let i = 0; i < 5; i++) await sleep(2)
      order.push(name)
      if (name === 'b') throw new Error('no answer')
      return name
    },
  }
  const { ask } = first(calls, ['ask'])
  const answers = [ask('a'), ask('b')]
  await turn()
  order.push('run')
  expect(await answers[0]).toBe('a')
  await expect(answers[1]).rejects.toThrow('no answer')
  expect(order).toEqual(['a', 'b', 'run'])
  await turn()
})

it('a call that never ends delays a run only for a limited time', async () => {
  const { first, turn } = precedence(30)
  void first({ ask: () => new Promise(() => {}) }, ['ask']).ask()
  const before = performance.now()
  await turn()
  expect(performance.now() - before).toBeGreaterThan(25)
})

it('calls that are not listed do not delay a run', async () => {
  const { first, turn } = precedence(10_000)
  const never = () => new Promise(() => {})
  void first({ ask: async () => {}, long: never }, ['ask']).long()
  await turn()
})
