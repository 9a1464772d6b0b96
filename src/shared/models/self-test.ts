// Results of a self-test of the models in use on every device of this machine, and its state.
import * as z from 'zod'
import { DEVICES, type DeviceName } from './devices.ts'

export type TestedDevice = Exclude<DeviceName, 'auto'>

/** One device of this machine, tested with a small computation. */
export interface SurveyedDevice {
  readonly device: TestedDevice
  /** Milliseconds of the computation; absent if it failed. */
  readonly milliseconds?: number
  /** Why it cannot be used, or what it is. */
  readonly note: string
}

/** Available devices, best first, and the one that `auto` selects. */
export interface DeviceSurvey {
  readonly devices: readonly SurveyedDevice[]
  readonly chosen: TestedDevice
  /** One line: what was selected, and why better devices were skipped. */
  readonly reason: string
}

/** Throughput per second at this batch size. */
export interface Rate {
  readonly batch: number
  readonly perSecond: number
}

/** Outputs of a device compared with those of the CPU for the same input. */
export interface Parity {
  /** Number of equal most likely tokens, and the total. */
  readonly equal: number
  readonly of: number
  /** Largest difference between logits, and the largest logit for scale. */
  readonly difference: number
  readonly largest: number
}

export interface DeviceResult {
  readonly device: TestedDevice
  /** Why the test did not finish. */
  readonly problem?: string
  /** Tokens per second. */
  readonly stage1?: readonly Rate[]
  /** Codes per second, without the prefix; by masked decoding if there is no autoregressive stage 2. */
  readonly stage2?: readonly Rate[]
  /** Images per second. */
  readonly pixels?: readonly Rate[]
  /** Compared with the CPU; absent for the CPU itself. */
  readonly parity1?: Parity
  readonly parity2?: Parity
  /** Largest difference of a colour value, out of 255. */
  readonly pixelDifference?: number
}

export interface SelfTestReport {
  readonly schema: 1
  /** ISO time when it finished. */
  readonly date: string
  readonly models: readonly { readonly role: string; readonly name: string; readonly sha256: string }[]
  readonly devices: readonly DeviceResult[]
  /** Sampling inside the graph on the CPU compared with the same sampling in float64. */
  readonly reference?: {
    readonly equal: number
    readonly of: number
    /** Largest difference of a log-probability. */
    readonly difference: number
  }
}

const number = z.number()
const rates = z.array(z.object({ batch: number, perSecond: number })).exactOptional()
const parity = z.object({ equal: number, of: number, difference: number, largest: number }).exactOptional()

/** `self-test.json` of the workspace. */
export const SelfTestReportSchema: z.ZodType<SelfTestReport> = z.object({
  schema: z.literal(1),
  date: z.string(),
  models: z.array(z.object({ role: z.string(), name: z.string(), sha256: z.string() })),
  devices: z.array(
    z.object({
      device: z.enum(DEVICES).exclude(['auto']),
      problem: z.string().exactOptional(),
      stage1: rates,
      stage2: rates,
      pixels: rates,
      parity1: parity,
      parity2: parity,
      pixelDifference: number.exactOptional(),
    }),
  ),
  reference: z.object({ equal: number, of: number, difference: number }).exactOptional(),
})

export interface SelfTest {
  readonly status:
    | { readonly state: 'idle' }
    | { readonly state: 'queued' }
    | { readonly state: 'running'; readonly step: number; readonly of: number; readonly note: string }
    | { readonly state: 'failed'; readonly message: string }
  /** The last finished test, of this session or an earlier one. */
  readonly report?: SelfTestReport
}
