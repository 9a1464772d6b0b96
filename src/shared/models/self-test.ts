// What a self-test measures of the models in use on every device of this machine, and how a test stands.
import type { DeviceName } from './devices.ts'

export type TestedDevice = Exclude<DeviceName, 'auto'>

/** One device of this machine, tried with a small computation. */
export interface SurveyedDevice {
  readonly device: TestedDevice
  /** Milliseconds the computation took; absent where it failed. */
  readonly milliseconds?: number
  /** Why it cannot be used, or what it is. */
  readonly note: string
}

/** What there is, best first, and what `auto` takes. */
export interface DeviceSurvey {
  readonly devices: readonly SurveyedDevice[]
  readonly chosen: TestedDevice
  /** One line: what was chosen, and why not what would come before it. */
  readonly reason: string
}

/** Something a second, with this many images at once. */
export interface Rate {
  readonly batch: number
  readonly perSecond: number
}

/** What a device computes, beside what the processor computes from the same input. */
export interface Parity {
  /** Likeliest tokens that are the same, of how many. */
  readonly equal: number
  readonly of: number
  /** Largest difference of two logits, and the largest logit it is a part of. */
  readonly difference: number
  readonly largest: number
}

export interface DeviceResult {
  readonly device: TestedDevice
  /** Why it could not be tested to the end. */
  readonly problem?: string
  /** Tokens a second. */
  readonly stage1?: readonly Rate[]
  /** Codes a second, without the prefix; by masked decoding where there is no autoregressive stage 2. */
  readonly stage2?: readonly Rate[]
  /** Images a second. */
  readonly pixels?: readonly Rate[]
  /** Against the processor; absent for the processor itself. */
  readonly parity1?: Parity
  readonly parity2?: Parity
  /** Largest difference of a colour value, of 255. */
  readonly pixelDifference?: number
}

export interface SelfTestReport {
  readonly schema: 1
  /** ISO time of its end. */
  readonly date: string
  readonly models: readonly { readonly role: string; readonly name: string; readonly sha256: string }[]
  readonly devices: readonly DeviceResult[]
  /** The processor's draws inside the graph against the same draws in float64 outside of it. */
  readonly reference?: {
    readonly equal: number
    readonly of: number
    /** Largest difference of a log-probability. */
    readonly difference: number
  }
}

export interface SelfTest {
  readonly status:
    | { readonly state: 'idle' }
    | { readonly state: 'queued' }
    | { readonly state: 'running'; readonly step: number; readonly of: number; readonly note: string }
    | { readonly state: 'failed'; readonly message: string }
  /** The last one that came to its end, of this session or an earlier one. */
  readonly report?: SelfTestReport
}
