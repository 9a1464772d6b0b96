// The places a network can run on, by the names that runs and commands use.

export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const
export type DeviceName = (typeof DEVICES)[number]
