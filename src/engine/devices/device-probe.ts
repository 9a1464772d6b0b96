// The small computation a device must get right, and faster than the processor, before it is used.
import { GraphBuilder, graphToOnnx } from '../graph/index.ts'
import {
  chooseProvider,
  countCards as countProviderCards,
  surveyProviders,
  type DeviceChoice,
  type Probe,
  type Provider,
} from '../session/index.ts'
import type { DeviceName } from '../../shared/models/devices.ts'
import type { DeviceSurvey } from '../../shared/models/self-test.ts'

const SIZE = 512
const PRODUCTS = 4

const chosen = new Map<DeviceName, Promise<DeviceChoice>>()

/** Selects the device for a run. A device that worked is not tested again in this process. */
export function chooseDevice(device: DeviceName): Promise<DeviceChoice> {
  const choice = chosen.get(device) ?? chooseProvider(device, probe())
  chosen.set(device, choice)
  choice.catch(() => chosen.delete(device))
  return choice
}

/** Cards of a provider that work on this machine. */
export const countCards = (provider: Provider): Promise<number> => countProviderCards(provider, probe())

/** Tries every device that this machine could have. */
export const surveyDevices = (): Promise<DeviceSurvey> => surveyProviders(probe())

/** The fifth power of the matrix of 1/N, which is the same matrix. */
function probe(): Probe {
  const g = new GraphBuilder('probe')
  const x = g.input('x', 'f32', [SIZE, SIZE])
  let y = x
  for (let i = 0; i < PRODUCTS; i++) y = g.op('MatMul', [y, x])
  g.output('y', y)
  return { model: graphToOnnx(g.build()), size: SIZE }
}
