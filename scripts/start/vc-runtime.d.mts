export const VC_RUNTIME: readonly string[]
export const VC_REDIST: string
export function missingRuntime(environment?: NodeJS.ProcessEnv): string | undefined
