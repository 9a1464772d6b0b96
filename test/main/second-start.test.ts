// The built shell where another one has the lock.
import { expect, it, vi } from 'vitest'
import * as double from '../electron-double/electron.ts'
import { BUILT } from '../built.ts'

vi.mock('electron', () => import('../electron-double/electron.ts'))

it('a second start reports that the workbench is open, and ends without a window or an engine', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  double.app.requestSingleInstanceLock = () => false
  await import(BUILT.shell)
  expect(told.mock.calls.flat()).toEqual([expect.stringContaining('The workbench is open already')])
  const { windows, engines, exitCode } = double.seen
  expect([windows.length, engines.length, exitCode]).toEqual([0, 0, 0])
})
