// A machine with a Vulkan loader and no driver for it, as many servers are.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { chooseDevice } from '../../../src/engine/devices/device-probe.ts'

test('a machine without a GPU driver is told so in plain words', async () => {
  // The loader reads them when the first session asks for a GPU.
  for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']) process.env[name] = '/no/such/driver.json'
  const plain = /no GPU adapter found \(no graphics driver, or one without Vulkan or Direct3D 12\)$/
  // Nobody asked for a GPU: the reason is given only on a machine that has one.
  const hasCard = ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((node) => existsSync(node))
  const reason = hasCard ? plain : /^cpu, \d+ threads?$/
  expect(await chooseDevice('auto')).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(reason) })
  await expect(chooseDevice('webgpu')).rejects.toThrow(plain)
})
