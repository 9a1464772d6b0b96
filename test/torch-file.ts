// Checkpoints with a twist, as torch.save writes them: tests read a good file, change it, and write it again.
import { openCheckpoint, toPlain, type Plain } from '../src/engine/checkpoint/index.ts'
import { craftZip } from './engine/bytes/craft-zip.ts'

/** A tensor in C order. `storage` is torch's class of its elements. */
export interface MadeTensor {
  readonly shape: readonly number[]
  readonly values: Uint8Array | Float32Array
  /** @default FloatStorage */
  readonly storage?: string
}
export type Tree =
  | null
  | boolean
  | number
  | string
  | MadeTensor
  | readonly Tree[]
  | { readonly [key: string]: Tree }

export const tensor = (shape: readonly number[], value = 0): MadeTensor => ({
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
})
const isTensor = (tree: Tree): tree is MadeTensor =>
  typeof tree === 'object' && tree !== null && 'values' in tree && 'shape' in tree

/** A float tensor with every value changed. */
export const changed = (
  { shape, values }: MadeTensor,
  change: (value: number, i: number) => number,
): MadeTensor => ({
  shape,
  values: Float32Array.from(values, change),
})

/** The tensors of a file by name, as float32. */
export async function tensorsOf(path: string): Promise<Record<string, MadeTensor>> {
  const weights = await openCheckpoint(path)
  try {
    const entries = [...weights.tensors.values()].map(async ({ name, shape, read }) => {
      const values = Float32Array.from((await read()) as Float32Array, Number)
      return [name, { shape, values }] as const
    })
    return Object.fromEntries(await Promise.all(entries))
  } finally {
    await weights.close()
  }
}

/** A fairseq checkpoint's configuration (`cfg`), and the tensors behind `model.`. */
export async function fairseqOf(
  path: string,
): Promise<{ model: Record<string, MadeTensor>; config: Record<string, Tree> }> {
  const weights = await openCheckpoint(path)
  const data = toPlain(weights.data!) as Map<Plain, Plain>
  await weights.close()
  const config = treeOf((data.get('cfg') as Map<Plain, Plain>).get('model')!) as Record<string, Tree>
  const model = Object.entries(await tensorsOf(path)).flatMap(([name, made]) =>
    name.startsWith('model.') ? [[name.slice('model.'.length), made] as const] : [],
  )
  return { config, model: Object.fromEntries(model) }
}

function treeOf(plain: Plain): Tree {
  if (plain instanceof Map)
    return Object.fromEntries([...plain].map(([key, value]) => [String(key), treeOf(value)]))
  if (Array.isArray(plain)) return plain.map(treeOf)
  return typeof plain === 'bigint' ? Number(plain) : (plain as Tree)
}

/** The tensors of a record whose names `rename` gives another name; those without one are left out. */
export const renamed = (
  tensors: Readonly<Record<string, MadeTensor>>,
  rename: (name: string) => string | undefined,
): Record<string, MadeTensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, made]) => {
      const to = rename(name)
      return to === undefined ? [] : [[to, made] as const]
    }),
  )

/** The bytes of torch.save(tree). */
export function torchFile(tree: Tree): Uint8Array {
  const storages: Uint8Array[] = []
  const parts: Buffer[] = [Buffer.from([0x80, 2])]
  const put = (...pieces: (string | Uint8Array)[]) =>
    void parts.push(
      ...pieces.map((piece) =>
        typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece),
      ),
    )
  const text = (value: string) => {
    const bytes = Buffer.from(value)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    put('X', length, bytes)
  }
  const tuple = (values: readonly number[]) => put('(', ...values.map((value) => `I${value}\n`), 't')
  const write = (value: Tree): void => {
    if (value === null) return put('N')
    if (typeof value === 'boolean') return put(value ? '\x88' : '\x89')
    if (typeof value === 'string') return text(value)
    if (typeof value === 'number') return put(Number.isInteger(value) ? `I${value}\n` : `F${value}\n`)
    if (isTensor(value)) return writeTensor(value)
    if (Array.isArray(value)) {
      put('(')
      for (const item of value as Tree[]) write(item)
      return put('l')
    }
    put('}(')
    for (const [key, item] of Object.entries(value)) {
      text(key)
      write(item)
    }
    put('u')
  }
  const writeTensor = ({ shape, values, storage = 'FloatStorage' }: MadeTensor) => {
    const count = shape.reduce((a, b) => a * b, 1)
    put('ctorch._utils\n_rebuild_tensor_v2\n((')
    text('storage')
    put(`ctorch\n${storage}\n`)
    text(String(storages.length))
    text('cpu')
    put(`I${count}\ntQI0\n`)
    storages.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    tuple(shape)
    tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1)))
    put('\x89NtR')
  }
  write(tree)
  put('.')
  return craftZip([
    { name: 'archive/data.pkl', data: Buffer.concat(parts) },
    ...storages.map((data, i) => ({ name: `archive/data/${i}`, data })),
  ])
}
