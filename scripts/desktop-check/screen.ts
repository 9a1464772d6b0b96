// A display to open windows on: the one that is there, or Xvfb.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

/** Xvfb where Linux has no display; undefined where there is one. Throws where there is neither. */
export async function openScreen(): Promise<ChildProcess | undefined> {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY) return undefined
  if (spawnSync('which', ['Xvfb']).status !== 0)
    throw new Error("there is no display and no Xvfb (Debian: 'apt-get install xvfb')")
  process.env.DISPLAY = ':97'
  const server = spawn('Xvfb', [':97', '-screen', '0', '1600x1000x24'], { stdio: 'ignore' })
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return server
}
