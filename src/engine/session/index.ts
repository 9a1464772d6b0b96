// The session stage: device choice, opening and running models.
export {
  MAX_ALLOCATION_BYTES,
  openSession,
  tensor,
  type Model,
  type Provider,
  type Session,
  type SessionOptions,
  type Tensor,
} from './session.ts'
