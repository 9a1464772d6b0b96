// A profile of onnxruntime -> which operators of a run are computed where.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseJson } from '../../src/shared/plain-json.ts'

/** An operator of one run, on `cpu`, `webgpu`, ... */
export interface PlacedNode {
  readonly op: string
  readonly on: string
}

/**
 * Operators whose result has the memory of its input, so that no kernel runs; and copies that the provider adds by itself.
 */
const WITHOUT_KERNEL = new Set(['Reshape', 'Unsqueeze', 'Identity', 'MemcpyFromHost', 'MemcpyToHost'])
/** What computes shapes, which are on the processor anyway. */
const OF_SHAPES = new Set(['Shape', 'Concat'])

export const kernelsOf = (nodes: readonly PlacedNode[]): PlacedNode[] =>
  nodes.filter(({ op, on }) => on !== 'cpu' && !WITHOUT_KERNEL.has(op))

/** Nodes that a GPU would wait for. */
export const onProcessor = (nodes: readonly PlacedNode[]): PlacedNode[] =>
  nodes.filter(({ op, on }) => on === 'cpu' && !OF_SHAPES.has(op))

/**
 * Runs `work` with a prefix for profiles, and returns the nodes of the last run of the largest graph among them. Sessions
 * write their profile when they are closed.
 */
export async function placedNodes(work: (prefix: string) => Promise<void>): Promise<PlacedNode[]> {
  const folder = await mkdtemp(join(tmpdir(), 'digit-profile-'))
  try {
    await work(join(folder, 'profile'))
    const profiles = await Promise.all(
      (await readdir(folder)).map(async (name) => lastRun(await readFile(join(folder, name), 'utf8'))),
    )
    return profiles.sort((a, b) => b.length - a.length)[0] ?? []
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface ProfileEvent {
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly args?: { readonly op_name?: string; readonly provider?: string }
}

function lastRun(json: string): PlacedNode[] {
  const events = parseJson(json) as readonly ProfileEvent[]
  const runs = events.filter(({ name }) => name === 'model_run')
  const { ts, dur } = runs.at(-1) ?? { ts: 0, dur: 0 }
  return events.flatMap(({ name, ts: at, args }) =>
    name.endsWith('_kernel_time') && args?.provider && at >= ts && at <= ts + dur
      ? [{ op: args.op_name!, on: args.provider.replace('ExecutionProvider', '').toLowerCase() }]
      : [],
  )
}
