// Zip archives byte by byte, so that tests can tell the two headers different stories.

export interface CraftedEntry {
  name: string
  data: Uint8Array
  /** @default 0, stored */
  method?: number
  flags?: number
  /** What the central directory says instead of the truth. */
  central?: { name?: string; size?: number; fullSize?: number; offset?: number; method?: number }
  /** What the local header says instead. */
  local?: { name?: string; size?: number; fullSize?: number; method?: number }
}

/** An archive; `zip64` writes sizes, offsets and the end record in their 64-bit forms. */
export function craftZip(
  entries: readonly CraftedEntry[],
  { zip64 = false, count = entries.length } = {},
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  const add = (part: Uint8Array) => {
    parts.push(Buffer.from(part))
    at += part.length
  }
  for (const { name, data, method = 0, flags = 0x800, central = {}, local = {} } of entries) {
    const offset = at
    const localName = Buffer.from(local.name ?? name)
    const localSizes = [local.size ?? data.length, local.fullSize ?? data.length] as const
    add(header(0x04034b50, [20], flags, local.method ?? method, localSizes, localName, zip64))
    add(data)
    const centralName = Buffer.from(central.name ?? name)
    const centralSizes = [central.size ?? data.length, central.fullSize ?? data.length] as const
    const place = central.offset ?? offset
    directory.push(
      header(0x02014b50, [45, 20], flags, central.method ?? method, centralSizes, centralName, zip64, place),
    )
  }
  const start = at
  directory.forEach(add)
  if (zip64) {
    const end = at
    const record = Buffer.alloc(56)
    record.writeUInt32LE(0x06064b50, 0)
    record.writeBigUInt64LE(44n, 4)
    record.writeBigUInt64LE(BigInt(count), 24)
    record.writeBigUInt64LE(BigInt(count), 32)
    record.writeBigUInt64LE(BigInt(end - start), 40)
    record.writeBigUInt64LE(BigInt(start), 48)
    add(record)
    const locator = Buffer.alloc(20)
    locator.writeUInt32LE(0x07064b50, 0)
    locator.writeBigUInt64LE(BigInt(end), 8)
    add(locator)
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(zip64 ? 0xffff : count, 8)
  end.writeUInt16LE(zip64 ? 0xffff : count, 10)
  end.writeUInt32LE(zip64 ? 0xffffffff : at - start, 12)
  end.writeUInt32LE(zip64 ? 0xffffffff : start, 16)
  add(end)
  return Buffer.concat(parts)
}

function header(
  signature: number,
  versions: number[],
  flags: number,
  method: number,
  [size, fullSize]: readonly [number, number],
  name: Buffer,
  zip64: boolean,
  offset?: number,
): Buffer {
  const wide = offset === undefined ? [fullSize, size] : [fullSize, size, offset]
  const extra = Buffer.alloc(zip64 ? 4 + wide.length * 8 : 0)
  if (zip64) {
    extra.writeUInt16LE(1, 0)
    extra.writeUInt16LE(wide.length * 8, 2)
    wide.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + i * 8))
  }
  const narrow = (value: number) => (zip64 ? 0xffffffff : value)
  const short = [...versions, flags, method, 0, 0]
  const fixed = Buffer.alloc(offset === undefined ? 30 : 46)
  let at = fixed.writeUInt32LE(signature, 0)
  for (const value of short) at = fixed.writeUInt16LE(value, at)
  for (const value of [0, narrow(size), narrow(fullSize)]) at = fixed.writeUInt32LE(value, at)
  at = fixed.writeUInt16LE(name.length, at)
  fixed.writeUInt16LE(extra.length, at)
  if (offset !== undefined) fixed.writeUInt32LE(narrow(offset), 42)
  return Buffer.concat([fixed, name, extra])
}
