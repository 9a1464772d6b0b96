/** The command, the engine's process, the page and the shell, each where it is older than the sources. */
export function buildAll(): Promise<void>
/** Bundles the command line and the engine's process where they are older than the sources. */
export function buildCommand(): Promise<void>
/** The page alone, or with the desktop shell, where they are older than the sources. */
export function buildPage(options: { readonly desktop: boolean }): void
