// Tells toEqual of equal arrays. Without this it takes a second for the bytes of a picture, because it compares each
// element as a value of any kind. Arrays that differ are left to it.
import { expect } from 'vitest'

/** Files that share a process share these too. */
const added = globalThis as { sameArrays?: typeof areSame }

if (!added.sameArrays) {
  added.sameArrays = areSame
  expect.addEqualityTesters([added.sameArrays])
}

function areSame(a: unknown, b: unknown): true | undefined {
  return sameBytes(a, b) || sameNumbers(a, b) || undefined
}

/** Not the only equal ones: a NaN may have other bytes. */
function sameBytes(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || !isAlike(a, b)) return false
  return a.byteLength === b.byteLength && Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}

function sameNumbers(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length || !isAlike(a, b)) return false
  // Without holes, and without other properties.
  for (let i = 0; i < a.length; i++) if (typeof a[i] !== 'number' || !Object.is(a[i], b[i])) return false
  return [a, b].every((array) => Object.keys(array).length === array.length)
}

const isAlike = (a: object, b: object) => Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength)
