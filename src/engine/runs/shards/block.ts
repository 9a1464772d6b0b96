// Items in a fixed order -> the contiguous block of one shard. Blocks are whole batches, so that every network sees the
// batches that one process would give it, and its results are the same to the last bit.

/** A shard of a whole. */
export interface Shard {
  readonly shards: number
  /** From 0. */
  readonly shard: number
}

/** Items `[from, to)`; empty if there are fewer batches than shards. */
export interface Block {
  readonly from: number
  readonly to: number
}

/** The block of a shard. Blocks follow each other in the order of the shards, and differ by one batch at most. */
export function blockOf(count: number, batch: number, { shards, shard }: Shard): Block {
  const batches = Math.ceil(count / batch)
  const start = (shard: number) => Math.min(count, Math.floor((batches * shard) / shards) * batch)
  return { from: start(shard), to: start(shard + 1) }
}

/** The blocks of all shards. */
export const blocksOf = (count: number, batch: number, shards: number): Block[] =>
  Array.from({ length: shards }, (_, shard) => blockOf(count, batch, { shards, shard }))
