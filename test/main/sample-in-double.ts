// A program of its own: the built shell over the double samples images, as the window would. `glib.test.ts` starts it
// with libraries loaded that Electron has. Arguments: the built shell, the double, how many images.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'
import * as double from '../electron-double/electron.ts'
import { runPreload } from '../electron-double/preload.ts'
import { QUICK } from '../quick-request.ts'

// Electron is linked with these: they are loaded by now, and what it starts does not inherit them.
delete process.env.LD_PRELOAD

const [shell, electron, count] = process.argv.slice(2)
// As Electron leaves it where nothing but the application is named.
process.argv = [process.argv[0]!, process.cwd()]
const hook = `export const resolve = (name, context, next) => name === 'electron'
  ? { url: ${JSON.stringify(pathToFileURL(electron!).href)}, shortCircuit: true } : next(name, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)
await import(pathToFileURL(shell!).href)

const until = async <T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (;;) {
    const found = await look()
    if (double.seen.errors.length > 0) throw new Error(double.seen.errors.join('\n'))
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const window = await until(() => (double.seen.menu ? double.seen.windows[0] : undefined))
const { api } = await runPreload(window.options.webPreferences.preload as string, window).reach()
await until(async () => (await api.snapshot()).modelSet)
const id = await api.startSample({ ...QUICK, count: Number(count) })
await until(async () => {
  const status = (await api.snapshot()).runs[0]?.status
  if (status?.state === 'failed') throw new Error(status.error.message)
  return status?.state === 'done'
})
const images = await api.listImages(id)
const sizes = await Promise.all(images.map(async ({ image }) => (await api.readImage(id, image)).length))
console.log(JSON.stringify({ sizes, utilities: double.seen.engines.length }))
double.app.exit(0)
process.exit()
