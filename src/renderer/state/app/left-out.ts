// Records of the workspace that no list can show, requested at every connection.
import { shallowRef } from 'vue'
import type { LeftOut } from '../../../shared/evaluation/measurements.ts'
import { calls } from './calls.ts'
import { attemptAgain } from './problems.ts'

export const leftOut = shallowRef<readonly LeftOut[]>([])

export async function refetchLeftOut(): Promise<void> {
  const found = await attemptAgain('Could not check the records', () => calls().listLeftOut())
  if (found) leftOut.value = Object.freeze(found)
}
