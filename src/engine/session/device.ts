// A device by name or `auto` -> the execution provider that really works here, and why not the others.
import { availableParallelism } from 'node:os'
import { RequestError } from '../../shared/errors.ts'
import type { DeviceName } from '../../shared/run.ts'
import { openSession, tensor, type Model, type Provider } from './session.ts'

export interface DeviceChoice {
  readonly provider: Provider
  /** One line for a person: what was chosen, and why not what would come before it. */
  readonly reason: string
}

/** What `auto` tries, best first; the CPU always works. */
const PREFERENCE: Readonly<Record<string, readonly Provider[]>> = {
  linux: ['cuda', 'webgpu', 'cpu'],
  win32: ['webgpu', 'dml', 'cpu'],
  darwin: ['webgpu', 'coreml', 'cpu'],
}

/** A model to try a provider with: input `x` f32 [N, N], output `y`. */
export interface Probe {
  readonly model: Model
  readonly size: number
}

/**
 * Opens and runs the probe on the provider asked for, or for `auto` on each in turn. A device that is slower than
 * the processor (a software renderer) is passed over by `auto`. Throws RequestError when a named device fails.
 */
export async function chooseProvider(device: DeviceName, probe: Probe): Promise<DeviceChoice> {
  if (device === 'cpu') return { provider: 'cpu', reason: `cpu, ${availableParallelism()} threads` }
  if (device !== 'auto') {
    const tried = await probeTime(device, probe)
    if (typeof tried === 'number') return { provider: device, reason: `${device}, as asked` }
    throw new RequestError(`device ${device} cannot be used here: ${tried}`)
  }
  const refused: string[] = []
  let cpuTime: number | undefined
  for (const provider of PREFERENCE[process.platform] ?? ['cpu']) {
    if (provider === 'cpu') break
    const time = await probeTime(provider, probe)
    if (typeof time === 'string') {
      refused.push(`${provider}: ${time}`)
      continue
    }
    cpuTime ??= Number(await probeTime('cpu', probe))
    if (time < cpuTime) return { provider, reason: [provider, ...refused].join('; not ') }
    refused.push(
      `${provider}: slower than the processor (${time.toFixed(1)} against ${cpuTime.toFixed(1)} ms)`,
    )
  }
  return { provider: 'cpu', reason: [`cpu, ${availableParallelism()} threads`, ...refused].join('; not ') }
}

/** Milliseconds of the second run of the probe, or why it could not run. */
async function probeTime(provider: Provider, { model, size }: Probe): Promise<number | string> {
  try {
    const session = await openSession(model, { provider })
    try {
      const feeds = { x: tensor('f32', new Float32Array(size * size).fill(1 / size), [size, size]) }
      await session.run(feeds)
      const start = performance.now()
      const { y } = await session.run(feeds)
      const value = (y!.data as Float32Array)[0]!
      if (Math.abs(value - 1 / size) > 1e-3 / size)
        return `gives wrong results (${value} instead of ${1 / size})`
      return performance.now() - start
    } finally {
      await session.close()
    }
  } catch (error) {
    return firstLine((error as Error).message)
  }
}

const firstLine = (message: string) => message.split('\n')[0]!.slice(0, 200)
