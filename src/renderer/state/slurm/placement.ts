// Whether work starts on this machine or in SLURM, and with which options. Kept across visits.
import { computed, shallowRef, watchEffect } from 'vue'
import { PagePlacementSchema, type PagePlacement, type Where } from '../../../shared/slurm/submission.ts'
import type { SlurmState } from '../../../shared/slurm/slurm.ts'
import { parseJson } from '../../../shared/plain-json.ts'
import { calls } from '../app/calls.ts'
import { attemptAgain } from '../app/problems.ts'

const KEY = 'digit.slurm'
const USUAL: PagePlacement = { shards: 8 }

/** Undefined until it is known. */
export const slurm = shallowRef<SlurmState>()
export const isInSlurm = shallowRef(false)
export const placement = shallowRef<PagePlacement>(kept())
watchEffect(() => globalThis.localStorage?.setItem(KEY, JSON.stringify(placement.value)))

/** Why it cannot be submitted; undefined if it can. */
export const placementProblem = computed(() => {
  const { error } = PagePlacementSchema.safeParse(placement.value)
  return error && error.issues[0]!.message
})

/** Empty fields are left to SLURM. */
export function changePlacement(fields: {
  readonly [K in keyof PagePlacement]?: PagePlacement[K] | undefined
}): void {
  const entries = Object.entries({ ...placement.value, ...fields })
  placement.value = Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== ''),
  ) as PagePlacement
}

/** Where work that is started now runs. */
export function where(): Where {
  return slurm.value?.available && isInSlurm.value ? placement.value : null
}

export async function refetchSlurm(): Promise<void> {
  const found = await attemptAgain('Could not find out about SLURM', () => calls().slurmState())
  if (found) slurm.value = Object.freeze(found)
}

function kept(): PagePlacement {
  try {
    return PagePlacementSchema.parse(parseJson(globalThis.localStorage?.getItem(KEY) ?? ''))
  } catch {
    return USUAL
  }
}
