import { expect, it } from 'vitest'
import { allCalls } from '../../../src/engine/api/all-calls.ts'

const one = { readA: () => 'a' }
const two = { readB: () => 'b' }

it('joins the parts of the contract in any order', () => {
  expect(Object.keys(allCalls(one, two)).sort()).toEqual(['readA', 'readB'])
  expect(allCalls(two, one).readA()).toBe('a')
})

it('a call defined by two parts fails to compile and at startup', () => {
  const joined = () => {
    // @ts-expect-error: `readA` is defined twice, so the result is no contract.
    const calls: typeof one & typeof two = allCalls(one, two, { readA: () => 'other' })
    return calls
  }
  expect(joined).toThrow("engine call 'readA' is defined twice")
})
