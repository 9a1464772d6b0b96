// The small computation a device must get right, and faster than the processor, before it is used.
import { GraphBuilder, graphToOnnx } from '../graph/index.ts'
import { chooseProvider, type DeviceChoice } from '../session/index.ts'
import type { DeviceName } from '../../shared/run.ts'

const SIZE = 512
const PRODUCTS = 4

/** Chooses the device for a run. The probe is x^5 of the matrix of 1/N, which is that matrix again. */
export async function chooseDevice(device: DeviceName): Promise<DeviceChoice> {
  const g = new GraphBuilder('probe')
  const x = g.input('x', 'f32', [SIZE, SIZE])
  let y = x
  for (let i = 0; i < PRODUCTS; i++) y = g.op('MatMul', [y, x])
  g.output('y', y)
  return chooseProvider(device, { model: graphToOnnx(g.build()), size: SIZE })
}
