// Builds the program as people get it: the command, the engine's process, the page and the shell.
import { buildCommand, buildPage } from './build.mjs'

await buildCommand()
buildPage({ desktop: true })
