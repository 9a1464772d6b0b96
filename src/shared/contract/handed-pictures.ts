// Pictures that a page hands over in one call: how many, and how large all of them together may be.

export const MAX_HANDED_PICTURES = 16
/** Photographs of today's cameras take about 10 MB; all of them travel in one message. */
export const MAX_HANDED_BYTES = 48 * 2 ** 20
