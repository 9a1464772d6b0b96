// A file's bytes -> the same after a bad disk, a full disk or a crash.
type Damage = (bytes: Uint8Array, random: () => number) => Uint8Array

/** By what was done to the file. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  flipped(bytes, random) {
    const flipped = Uint8Array.from(bytes)
    flipped[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
    return flipped
  },
  truncated: (bytes, random) => bytes.slice(0, Math.floor(random() * bytes.length)),
  emptied: () => new Uint8Array(0),
  extended: (bytes) => Buffer.concat([bytes, Buffer.from('more')]),
}
