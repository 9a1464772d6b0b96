// Errors that end a command early.

/** The arguments are invalid or contradict each other. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The user pressed Ctrl-C and the run stopped at a safe point. */
export class CancelledError extends Error {
  override name = 'CancelledError'
}

/** A run failed: the engine's error as it arrived in this process. */
export class RunError extends Error {
  constructor({ name, message, stack }: { name: string; message: string; stack?: string }) {
    super(message)
    this.name = name
    if (stack !== undefined) this.stack = stack
  }
}

/** Regenerated images differ from the originals. */
export class DifferentError extends Error {
  override name = 'DifferentError'
}
