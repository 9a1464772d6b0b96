// The built shell where its engine and its page cannot be loaded.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import * as double from '../electron-double/electron.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { BUILT } from '../built.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

const { seen } = double
const { path: folder } = temporaryFolder()

beforeAll(async () => {
  process.env.DIGIT_WORKSPACE = folder
  process.env.DIGIT_NODE = `${folder}/no-node`
  await import(BUILT.shell)
  await vi.waitFor(() => expect(seen.menu).toBeDefined(), 10_000)
})

it.runIf(process.platform === 'linux')(
  'an engine that cannot start is reported once in a dialog, with its log (checked on Linux)',
  async () => {
    const log = join(double.app.getPath('logs'), 'engine.log')
    const engines = () => readFileSync(log, 'utf8').match(/--- engine started/g)?.length
    await vi.waitFor(() => expect(engines()).toBeGreaterThan(2), 10_000)
    expect(seen.asked).toEqual(['The engine of the workbench cannot start'])
    expect(seen.details[0]).toContain('no-node ENOENT')
    expect(seen.details[0]).toContain(log)
  },
)

it('a page that cannot be loaded ends the start with its reason', () => {
  expect([seen.exitCode, seen.errors]).toEqual([undefined, []])
  const address = 'app://workbench/index.html'
  seen.windows[0]!.webContents.emit('did-fail-load', {}, -6, 'ERR_FILE_NOT_FOUND', address, true)
  expect(seen.errors).toEqual([`Cannot start the workbench: ${address}: ERR_FILE_NOT_FOUND (-6)`])
  expect(seen.exitCode).toBe(1)
})
