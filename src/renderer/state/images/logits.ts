// Logits of cells, recomputed by the engine when a cell is selected; the latest few are cached.
import type { GeneratorSettings } from '../../../shared/generators/settings.ts'
import { shallowReactive } from 'vue'
import type { CellLogits } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'

export type CellTruth = { readonly logits: CellLogits } | { readonly problem: string } | undefined

/** 16,000 tokens take 64 kB. */
const KEPT = 64
const truths = shallowReactive(new Map<string, CellTruth>())

/** What `readLogits` takes. */
type Cell = readonly [run: string, image: number, layer: string, cell: number, settings?: GeneratorSettings]

/** The logits of a cell, requested if needed; undefined while loading. */
export function logitsOf(...cell: Cell): CellTruth {
  const key = JSON.stringify(cell)
  if (!truths.has(key)) {
    truths.set(key, undefined)
    queueMicrotask(() => void read(key, cell))
  }
  return truths.get(key)
}

/** Drops failed entries: the models may be open now. */
export function retryLogits(): void {
  for (const [key, truth] of truths) if (truth && 'problem' in truth) truths.delete(key)
}

async function read(key: string, cell: Cell): Promise<void> {
  try {
    truths.set(key, { logits: Object.freeze(await calls().readLogits(...cell)) })
  } catch (error) {
    truths.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
  for (const old of truths.keys()) {
    if (truths.size <= KEPT) return
    truths.delete(old)
  }
}
