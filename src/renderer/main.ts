// The page of the workbench, in the desktop window and in a browser.
import { reachEngine } from './engine.ts'
import { start } from './start.ts'

start(reachEngine())
