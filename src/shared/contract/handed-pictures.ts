// Limits for pictures that a page uploads in one call: their number and total size.

export const MAX_HANDED_PICTURES = 16
/** Photographs of current cameras have about 10 MB; all pictures are sent in one message. */
export const MAX_HANDED_BYTES = 48 * 2 ** 20
