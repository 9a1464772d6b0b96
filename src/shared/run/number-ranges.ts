// Numbers as people write them.

/** `0-3, 7` -> 0, 1, 2, 3, 7; invalid parts are ignored. */
export function parseNumbers(text: string): number[] {
  return text.split(/[\s,]+/).flatMap((part) => {
    const [, from, to = from] = /^(\d{1,7})(?:[-–](\d{1,7}))?$/.exec(part) ?? []
    if (from === undefined) return []
    const count = Math.min(1000, Math.max(0, Number(to) - Number(from) + 1))
    return Array.from({ length: count }, (_, i) => Number(from) + i)
  })
}

/** Whether a text names numbers by a range or a list, rather than one number or words. */
export const isNumberList = (text: string): boolean => /^\s*\d+\s*[-–,][\d\s,–-]*$/.test(text)
