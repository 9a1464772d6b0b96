// The sha256 of a model, as records have it: of its file, and `#PREFIX` where that has several models of a kind.

const HASH_DIGITS = 12

/** Its first digits, and which model of the file it is where the file has several: `3f2a91c04d7e#model.ema.`. */
export function shortHash(sha256: string, digits = HASH_DIGITS): string {
  const at = sha256.indexOf('#')
  return at < 0 ? sha256.slice(0, digits) : sha256.slice(0, Math.min(at, digits)) + sha256.slice(at)
}

/** The sha256 of the file alone, without the model in it. */
export const fileHash = (sha256: string): string => sha256.split('#')[0]!
