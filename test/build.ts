// Builds the program as people get it, once for all files: the command, the engine's process, the page, the shell.
import { buildCommand, buildPage } from '../scripts/start/build.mjs'

export default async function setup(): Promise<void> {
  await buildCommand()
  buildPage({ desktop: true })
}
