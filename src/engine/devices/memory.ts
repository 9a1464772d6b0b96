// Whether a machine has the memory for a model: said before the model is opened, instead of by the system in the middle.
import { totalmem } from 'node:os'
import { RequestError } from '../../shared/errors.ts'

/** Memory of this machine in bytes, or what this process may use of it. */
export function memoryOfMachine(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Throws RequestError if float32 weights of `bytes` are more than the memory. */
export function checkMemory(file: string, bytes: number, memory = memoryOfMachine()): void {
  if (bytes <= memory) return
  const gigabytes = (value: number) => (value / 1e9).toFixed(1)
  throw new RequestError(
    `${file}: too large for the memory of this machine (found ${gigabytes(bytes)} GB of weights in float32, and ${gigabytes(memory)} GB of memory)`,
  )
}
