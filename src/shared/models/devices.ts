// Devices a network can run on, by the names used in runs and commands.

export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const
export type DeviceName = (typeof DEVICES)[number]
