// The errors a person is meant to read: each says what was found, what was expected, and where.

/** A file's bytes are not what their format promises. `place` is the file's name, then the part inside it. */
export class FormatError extends Error {
  override name = 'FormatError'
  constructor(
    readonly place: string,
    problem: string,
  ) {
    super(`${place}: ${problem}`)
  }
}

/** A readable file does not fit the model it should be part of (a missing tensor, a wrong shape, a misfit). */
export class ModelError extends Error {
  override name = 'ModelError'
}

/** A request cannot be carried out as asked: a flag out of range, a folder that cannot be written. */
export class RequestError extends Error {
  override name = 'RequestError'
}

/** Something is there that would be replaced, and nobody has said that it may. */
export class ConflictError extends Error {
  override name = 'ConflictError'
}
