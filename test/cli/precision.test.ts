// --precision, and the flag of 0.1 that it replaced.
import { expect, test } from 'vitest'
import { runFields } from '../../src/cli/options.ts'

const flags = { device: 'cpu', batchSize: 1 } as const
const bits = (more: { precision?: 'auto' | 'fp16' | 'int4'; weights?: string }) =>
  runFields({ ...flags, ...more }, 'out').weightBits

test('names a precision, and is automatic without one', () => {
  expect(bits({})).toBe('auto')
  expect(bits({ precision: 'auto' })).toBe('auto')
  expect(bits({ precision: 'fp16' })).toBe(16)
  expect(bits({ precision: 'int4' })).toBe(4)
})

test('still reads --weights, but not beside --precision', () => {
  expect(bits({ weights: '8' })).toBe(8)
  expect(() => bits({ weights: '8', precision: 'int4' })).toThrow('use --precision alone')
})
