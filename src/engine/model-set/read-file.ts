// One checkpoint -> its tensor names, and everything else in it as readable text.
import { readFile } from 'node:fs/promises'
import type { FileContents } from '../../shared/models/models.ts'
import { printable } from '../../shared/printable.ts'
import { bytesToText, ELEMENTS, elementCount } from '../bytes/index.ts'
import { openCheckpoint, toPlain, type Plain } from '../checkpoint/index.ts'
import { isText } from './identify-text.ts'

/** Enough for every configuration; optimizer states and dictionaries of tensors are cut. */
const MAX_LINES = 2000
const MAX_ITEMS = 200
const MAX_DEPTH = 12
const MAX_TEXT = 200

/** Limit of the text of a text file. */
const MAX_TEXT_BYTES = 2 ** 16

export async function readFileContents(path: string): Promise<FileContents> {
  if (isText(path)) return readText(path)
  const weights = await openCheckpoint(path)
  try {
    const lines: string[] = []
    if (weights.data !== undefined) describe(toPlain(weights.data), '', 0, lines)
    if (lines.length > MAX_LINES) lines.splice(MAX_LINES, Infinity, '... truncated')
    return {
      path: weights.path,
      format: weights.format,
      tensors: [
        ...[...weights.tensors.values()].map(({ name, dtype, shape }) => ({
          name,
          dtype,
          shape,
          bytes: elementCount(shape) * ELEMENTS[dtype].size,
        })),
        ...[...weights.unreadable.values()].map(({ name, shape = [], problem }) => ({
          name,
          dtype: 'unreadable',
          shape,
          bytes: 0,
          problem,
        })),
      ],
      data: lines.join('\n'),
    }
  } finally {
    await weights.close()
  }
}

async function readText(path: string): Promise<FileContents> {
  const text = bytesToText((await readFile(path)).subarray(0, MAX_TEXT_BYTES), path)
  const data = text.split(/\r?\n/).map(printable).join('\n')
  return { path, format: 'text', tensors: [], data }
}

/** One line per value, indented by depth, without tensors, which are listed separately. */
function describe(value: Plain, key: string, depth: number, lines: string[]): void {
  if (isTensor(value) || lines.length > MAX_LINES) return
  const indent = '  '.repeat(Math.max(depth - 1, 0))
  const entries =
    value instanceof Map
      ? [...value].map(([key, item]) => [scalar(key), item] as const)
      : Array.isArray(value)
        ? value.map((item, i) => [String(i), item] as const)
        : undefined
  if (!entries) {
    lines.push(`${indent}${key}: ${scalar(value)}`)
    return
  }
  const inside = entries.filter(([, item]) => !isTensor(item))
  if (inside.length === 0) return
  if (key) lines.push(`${indent}${key}:`)
  if (depth >= MAX_DEPTH) {
    lines.push(`${indent}  ... ${inside.length} more, nested too deeply`)
    return
  }
  for (const [key, item] of inside.slice(0, MAX_ITEMS)) describe(item, key, depth + 1, lines)
  if (inside.length > MAX_ITEMS) lines.push(`${indent}  ... ${inside.length - MAX_ITEMS} more`)
}

const isTensor = (value: Plain) =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor'

function scalar(value: Plain): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = String(value)
  return printable(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text)
}
