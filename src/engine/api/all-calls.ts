// The parts of the contract -> one object of calls.

type Parts = readonly Readonly<Record<string, unknown>>[]
/** All calls of all parts, or a name that is defined twice. */
type All<P extends readonly unknown[], Joined = unknown> = P extends readonly [infer First, ...infer Rest]
  ? [keyof First & keyof Joined] extends [never]
    ? All<Rest, First & Joined>
    : { readonly definedTwice: keyof First & keyof Joined }
  : Joined

/** Joins the parts in any order. Throws if two parts define the same call. */
export function allCalls<const P extends readonly object[]>(...parts: P): All<P> {
  const calls: Record<string, unknown> = {}
  for (const part of parts as unknown as Parts)
    for (const [name, call] of Object.entries(part)) {
      if (Object.hasOwn(calls, name)) throw new Error(`engine call '${name}' is defined twice`)
      calls[name] = call
    }
  return calls as All<P>
}
