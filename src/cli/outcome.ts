// The ways a command can end early.

/** The arguments do not make sense together. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** A person pressed Ctrl-C and the run stopped where it could. */
export class CancelledError extends Error {
  override name = 'CancelledError'
}

/** A run failed: the engine's own error, as it crossed to this side. */
export class RunError extends Error {
  constructor({ name, message, stack }: { name: string; message: string; stack?: string }) {
    super(message)
    this.name = name
    if (stack !== undefined) this.stack = stack
  }
}

/** Images came out other than they were. */
export class DifferentError extends Error {
  override name = 'DifferentError'
}
