// Logits of cells, recomputed by the engine when a cell is selected; the latest few are cached.
import type { GridName } from '../../../shared/grid/layout.ts'
import { shallowReactive } from 'vue'
import type { CellLogits } from '../../../shared/contract/api.ts'
import { calls } from '../app/calls.ts'

export type CellTruth = { readonly logits: CellLogits } | { readonly problem: string } | undefined

/** 16,000 tokens take 64 kB. */
const KEPT = 64
const truths = shallowReactive(new Map<string, CellTruth>())

/** The logits of a cell, requested if needed; undefined while loading. */
export function logitsOf(run: string, image: number, grid: GridName, cell: number): CellTruth {
  const key = `${run}/${image}/${grid}/${cell}`
  if (!truths.has(key)) {
    truths.set(key, undefined)
    queueMicrotask(() => void read(key, run, image, grid, cell))
  }
  return truths.get(key)
}

/** Drops failed entries: the models may be open now. */
export function retryLogits(): void {
  for (const [key, truth] of truths) if (truth && 'problem' in truth) truths.delete(key)
}

async function read(key: string, run: string, image: number, grid: GridName, cell: number): Promise<void> {
  try {
    truths.set(key, { logits: Object.freeze(await calls().readLogits(run, image, grid, cell)) })
  } catch (error) {
    truths.set(key, { problem: error instanceof Error ? error.message : String(error) })
  }
  for (const old of truths.keys()) {
    if (truths.size <= KEPT) return
    truths.delete(old)
  }
}
