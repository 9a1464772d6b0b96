// Builds the program as people get it, once for all files.
export { buildAll as default } from '../scripts/start/build.mjs'
