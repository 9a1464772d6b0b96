// This machine: its devices, and the self-test of the models on each.
import { shallowRef } from 'vue'
import type { DeviceSurvey, SelfTest } from '../../../shared/models/self-test.ts'
import { calls } from './calls.ts'
import { attempt } from './problems.ts'

export const survey = shallowRef<DeviceSurvey>()
export const selfTest = shallowRef<SelfTest>({ status: { state: 'idle' } })

let surveying = false

/** Requested once; a restarted engine runs on the same machine. */
export async function surveyDevices(): Promise<void> {
  if (survey.value || surveying) return
  surveying = true
  const found = await attempt('Could not probe the devices', () => calls().surveyDevices())
  surveying = false
  if (found) survey.value = Object.freeze(found)
}

export const startSelfTest = () => attempt('Could not start the self-test', () => calls().startSelfTest())
export const stopSelfTest = () => attempt('Could not stop the self-test', () => calls().cancelSelfTest())
