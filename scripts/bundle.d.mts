/** `src/cli/digit.ts` -> path of `out/src/cli/digit.js`. */
export const bundled: (entry: string) => string
/** Bundles an entry, named from the repository's root, and returns the bundle's path. */
export function bundle(entry: string): Promise<string>
