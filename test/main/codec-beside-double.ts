// A program of its own: plays Electron, which has a GLib, and starts the engine's kind of process for a module that
// only uses the image codec. Argument: the module. Prints what that printed, and how it ended.
import { nodeEngine } from '../../src/main/node-engine.ts'

// Electron is linked with these: they are loaded by now, and what it starts does not inherit them.
delete process.env.LD_PRELOAD

const [module] = process.argv.slice(2)
const child = nodeEngine({ node: process.execPath, module: module!, environment: process.env })({
  models: [],
})
child.onOutput((text) => process.stdout.write(text))
child.onExit((how) => console.log(how))
