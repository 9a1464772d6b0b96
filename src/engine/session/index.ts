// The session stage: device choice, opening and running models.
export { chooseProvider, countCards, surveyProviders, type DeviceChoice, type Probe } from './device.ts'
export {
  MAX_ALLOCATION_BYTES,
  openSession,
  processorThreads,
  runtimeVersion,
  tensor,
  type Model,
  type Provider,
  type RunCost,
  type Session,
  type SessionOptions,
  type Tensor,
} from './session.ts'
