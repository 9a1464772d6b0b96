// A Windows program or library -> the libraries that it is linked with (PE format, Microsoft's specification).
import { readFileSync } from 'node:fs'

/** Names in lower case, those loaded on demand not among them. */
export function peImports(path: string): string[] {
  const bytes = readFileSync(path)
  const header = bytes.readUInt32LE(0x3c)
  if (bytes.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error(`${path}: not a PE file`)
  const optional = header + 24
  if (bytes.readUInt16LE(optional) !== 0x20b) throw new Error(`${path}: not a PE32+ file`)
  const sections = optional + bytes.readUInt16LE(header + 20)
  const at = (address: number): number => {
    for (let i = 0; i < bytes.readUInt16LE(header + 6); i++) {
      const section = sections + 40 * i
      const [size, start, , file] = [8, 12, 16, 20].map((offset) => bytes.readUInt32LE(section + offset))
      if (address >= start! && address < start! + size!) return address - start! + file!
    }
    throw new Error(`${path}: address ${address} lies in no section`)
  }
  const text = (from: number) => bytes.toString('latin1', from, bytes.indexOf(0, from))
  // The second directory is the import table: descriptors of 20 bytes, the last one empty, the name's address at 12.
  const names: string[] = []
  for (
    let entry = at(bytes.readUInt32LE(optional + 112 + 8));
    bytes.readUInt32LE(entry + 12) !== 0;
    entry += 20
  )
    names.push(text(at(bytes.readUInt32LE(entry + 12))).toLowerCase())
  return names
}
