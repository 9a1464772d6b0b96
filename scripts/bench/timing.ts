// Functions to compare -> milliseconds, measured in turn so that other load affects all of them.

export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const begun = performance.now()
  const result = await work()
  return { result, ms: performance.now() - begun }
}

/** Milliseconds of each function, in each of `rounds`: A B C, A B C, ... */
export async function inTurn(
  works: readonly (() => Promise<unknown>)[],
  rounds: number,
): Promise<number[][]> {
  const times = works.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, work] of works.entries()) times[i]!.push((await timed(work)).ms)
  return times
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
