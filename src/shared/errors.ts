// Errors for users: each states what was found, what was expected, and where.

/** The bytes of a file do not match its format. `place` is the file name, then the part inside the file. */
export class FormatError extends Error {
  override name = 'FormatError'
  constructor(
    readonly place: string,
    problem: string,
  ) {
    super(`${place}: ${problem}`)
  }
}

/** A readable file does not fit the model it should be part of (a missing tensor, a wrong shape). */
export class ModelError extends Error {
  override name = 'ModelError'
}

/** A request cannot be carried out: a flag out of range, a folder that cannot be written. */
export class RequestError extends Error {
  override name = 'RequestError'
}

/** Something would be overwritten without permission. */
export class ConflictError extends Error {
  override name = 'ConflictError'
}
