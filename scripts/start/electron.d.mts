/** Path of the binary; undefined unless it is there whole. `folder` is Electron's npm package. */
export function electronPath(folder: string, environment?: NodeJS.ProcessEnv): string | undefined
