// A device by name or `auto` -> the execution provider that works here, and why others do not.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { DeviceName } from '../../shared/models/devices.ts'
import type { DeviceSurvey, SurveyedDevice } from '../../shared/models/self-test.ts'
import { openSession, processorThreads, tensor, type Model, type Provider } from './session.ts'

export interface DeviceChoice {
  readonly provider: Provider
  /** One line for the user: what was selected, and why preferred hardware of this machine was not. */
  readonly reason: string
}

/** Providers tried by `auto`, best first; the CPU always works. */
const PREFERENCE: Readonly<Record<string, readonly Provider[]>> = {
  linux: ['cuda', 'webgpu', 'cpu'],
  win32: ['webgpu', 'dml', 'cpu'],
  darwin: ['webgpu', 'coreml', 'cpu'],
}

/** A model for testing a provider: input `x` f32 [N, N], output `y`. */
export interface Probe {
  readonly model: Model
  readonly size: number
}

/**
 * Opens and runs the probe on the requested provider, or for `auto` on each in turn. `auto` skips a device that is
 * slower than the processor (a software renderer). Throws RequestError if a named device fails.
 */
export async function chooseProvider(device: DeviceName, probe: Probe): Promise<DeviceChoice> {
  if (device === 'cpu') return { provider: 'cpu', reason: `cpu, ${threadWords()}` }
  if (device !== 'auto') {
    const tried = await probeTime(device, probe)
    if (typeof tried === 'number') return { provider: device, reason: `${device}, as requested` }
    throw new RequestError(`device ${device}: cannot be used on this machine: ${tried}`)
  }
  const { chosen, reason } = await tryProviders(probe, true)
  return { provider: chosen, reason }
}

const threadWords = () => {
  const threads = processorThreads()
  return threads === 1 ? '1 thread' : `${threads} threads`
}

/** Tests every provider of this platform with the probe; also returns the choice of `auto` and its reason. */
export const surveyProviders = (probe: Probe): Promise<DeviceSurvey> => tryProviders(probe, false)

/** Best first; skips devices that are slower than the processor (software renderers). */
async function tryProviders(probe: Probe, untilChosen: boolean): Promise<DeviceSurvey> {
  const devices: SurveyedDevice[] = []
  const refused: string[] = []
  const threads = threadWords()
  let chosen: Provider | undefined
  let cpuTime: number | undefined
  for (const device of PREFERENCE[process.platform] ?? ['cpu']) {
    if (device === 'cpu' || (untilChosen && chosen)) break
    const time = await probeTime(device, probe)
    if (typeof time === 'string') {
      devices.push({ device, note: time })
      if (!chosen && isFitted(device)) refused.push(`${device}: ${time}`)
      continue
    }
    cpuTime ??= Number(await probeTime('cpu', probe))
    const isFaster = time < cpuTime
    const compared = `(${time.toFixed(1)} vs. ${cpuTime.toFixed(1)} ms)`
    const note = `${isFaster ? 'faster' : 'slower'} than CPU ${compared}`
    devices.push({ device, milliseconds: time, note })
    if (isFaster) chosen ??= device
    else if (!chosen && isFitted(device)) refused.push(`${device}: ${note}`)
  }
  if (!untilChosen) cpuTime ??= Number(await probeTime('cpu', probe))
  devices.push({ device: 'cpu', note: threads, ...(cpuTime === undefined ? {} : { milliseconds: cpuTime }) })
  const reason = `${chosen ?? `cpu, ${threads}`}${without(refused)}`
  return { devices, chosen: chosen ?? 'cpu', reason }
}

/** Cards of a provider: the first that does not work ends the count, since onnxruntime does not list them. */
export async function countCards(provider: Provider, probe: Probe): Promise<number> {
  let card = 0
  while (card < MAX_CARDS && typeof (await probeTime(provider, probe, card)) === 'number') card++
  return card
}

const MAX_CARDS = 32

const without = (refused: readonly string[]) => refused.map((reason) => `; skipped ${reason}`).join('')

/** Nodes of the kernel, of which a machine with such a card has one; WSL has `dxg` for all. */
const NODES: { readonly [provider in Provider]?: readonly string[] } = {
  cuda: ['/dev/nvidiactl', '/dev/dxg'],
  webgpu: ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'],
}

/** Whether the machine may have a card of this provider: why it is not used is of no interest to the others. */
const isFitted = (provider: Provider): boolean =>
  process.platform !== 'linux' || (NODES[provider]?.some((node) => existsSync(node)) ?? true)

/** Time limit; a processor takes a tenth of a second. */
const HOPELESS_MS = 3000

/** Milliseconds of the second run of the probe, or the reason for a failure. */
async function probeTime(
  provider: Provider,
  { model, size }: Probe,
  card?: number,
): Promise<number | string> {
  const missing = missingLibrary(provider)
  if (missing) return missing
  try {
    const session = await openSession(model, { provider, ...(card === undefined ? {} : { card }) })
    try {
      const feeds = { x: tensor('f32', new Float32Array(size * size).fill(1 / size), [size, size]) }
      const begun = performance.now()
      await session.run(feeds)
      const first = performance.now() - begun
      // The first run includes preparation, but a device that takes this long is a software renderer.
      if (first > HOPELESS_MS) return first
      const start = performance.now()
      const { y } = await session.run(feeds)
      const value = (y!.data as Float32Array)[0]!
      if (Math.abs(value - 1 / size) > 1e-3 / size)
        return `wrong results (found ${value}, expected ${1 / size})`
      return performance.now() - start
    } finally {
      await session.close()
    }
  } catch (error) {
    return plainLine((error as Error).message)
  }
}

/** Messages of onnxruntime start with a source path, followed by the cause; one line is enough. */
const plainLine = (message: string) => {
  if (/adapter/i.test(message))
    return 'no GPU adapter found (no graphics driver, or one without Vulkan or Direct3D 12)'
  return message
    .split('\n')[0]!
    .replace(/^\/\S+ \S+ /, '')
    .slice(0, 160)
}

/**
 * A library that a provider needs and that is missing, if this can be detected. A failed attempt would make driver
 * loaders print to the terminal.
 */
function missingLibrary(provider: Provider): string | undefined {
  if (process.platform !== 'linux') return undefined
  if (provider === 'cuda') {
    const package_ = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
    const library = join(package_, 'bin/napi-v6/linux', process.arch, 'libonnxruntime_providers_cuda.so')
    // An installed application has no npm; its Node finds modules next to the archive.
    const remedy = package_.includes('app.asar') ? `missing ${library}` : 'run npm run cuda'
    return existsSync(library) ? undefined : `its libraries are not installed (${remedy})`
  }
  if (provider === 'webgpu') {
    const folders = [...(process.env.LD_LIBRARY_PATH ?? '').split(':'), ...LIBRARY_FOLDERS]
    return folders.some((folder) => folder && existsSync(join(folder, 'libvulkan.so.1')))
      ? undefined
      : 'Vulkan loader not found (libvulkan.so.1)'
  }
  return undefined
}

/** Folders of shared libraries in Linux distributions. */
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/run/opengl-driver/lib',
]
