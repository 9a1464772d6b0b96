// A machine with a Vulkan loader and no driver for it, as many servers are.
import { expect, test } from 'vitest'
import { chooseDevice } from '../../../src/engine/devices/device-probe.ts'

test('a machine without a GPU driver is told so in plain words', async () => {
  // The loader reads them when the first session asks for a GPU.
  for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES']) process.env[name] = '/no/such/driver.json'
  const plain = /no GPU adapter found \(no graphics driver, or one without Vulkan or Direct3D 12\)$/
  expect(await chooseDevice('auto')).toMatchObject({ provider: 'cpu', reason: expect.stringMatching(plain) })
  await expect(chooseDevice('webgpu')).rejects.toThrow(plain)
})
