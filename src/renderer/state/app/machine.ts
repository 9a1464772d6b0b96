// This machine: its devices, and the test of the models on each of them.
import { shallowRef } from 'vue'
import type { DeviceSurvey, SelfTest } from '../../../shared/models/self-test.ts'
import { calls } from './calls.ts'
import { attempt } from './problems.ts'

export const survey = shallowRef<DeviceSurvey>()
export const selfTest = shallowRef<SelfTest>({ status: { state: 'idle' } })

let surveying = false

/** Asks once; an engine that was started again is of the same machine. */
export async function surveyDevices(): Promise<void> {
  if (survey.value || surveying) return
  surveying = true
  const found = await attempt('Could not probe the devices', () => calls().surveyDevices())
  surveying = false
  if (found) survey.value = Object.freeze(found)
}

export const startSelfTest = () => attempt('Could not start the self-test', () => calls().startSelfTest())
export const stopSelfTest = () => attempt('Could not stop the self-test', () => calls().cancelSelfTest())
