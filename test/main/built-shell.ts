// The shell as `npm run build` makes it, without its page: where nobody has built that, a stand-in is there meanwhile.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'

/** Builds; gives the function that takes the stand-in away. */
export function buildShell(): () => void {
  execFileSync(process.execPath, ['node_modules/electron-vite/bin/electron-vite.js', 'build'], {
    env: { ...process.env, DIGIT_WITHOUT_PAGE: '1' },
    stdio: 'pipe',
  })
  if (existsSync('out/renderer/index.html')) return () => {}
  mkdirSync('out/renderer', { recursive: true })
  writeFileSync('out/renderer/index.html', '<!doctype html>')
  return () => rmSync('out/renderer', { recursive: true })
}
