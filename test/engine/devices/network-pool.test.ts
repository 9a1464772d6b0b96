// Which networks stay open, and for how long.
import { expect, test } from 'vitest'
import { keptNetworks, networksOfItsOwn } from '../../../src/engine/devices/network-pool.ts'

/** Networks that note when they are opened and closed. */
function noted() {
  const notes: string[] = []
  const open = (name: string) => async () => {
    notes.push(`open ${name}`)
    return { name, close: async () => void notes.push(`close ${name}`) }
  }
  return { notes, open }
}

test('a network is opened once, even for two simultaneous requests', async () => {
  const { notes, open } = noted()
  const networks = keptNetworks()
  const [a, b] = [networks.lease(), networks.lease()]
  const both = await Promise.all([a.use('x', 1, open('x')), b.use('x', 1, open('x'))])
  expect(both[0]).toBe(both[1])
  await a.close()
  await networks.close()
  expect(notes).toEqual(['open x'])
  await b.close()
  expect((await networks.lease().use('x', 1, open('x'))).name).toBe('x')
  expect(notes).toEqual(['open x'])
})

test('the least recently used network is closed to make room; networks in use stay', async () => {
  const { notes, open } = noted()
  const networks = keptNetworks(10)
  const first = networks.lease()
  for (const name of ['a', 'b', 'c']) await first.use(name, 3, open(name))
  await first.close()
  const second = networks.lease()
  await second.use('a', 3, open('a'))
  await second.use('d', 4, open('d'))
  expect(notes.slice(3)).toEqual(['close b', 'open d'])
  await second.use('e', 9, open('e'))
  expect(notes.slice(5)).toEqual(['close c', 'open e'])
  await second.close()
  await networks.close()
  expect(notes.slice(7).sort()).toEqual(['close a', 'close d', 'close e'])
})

test('a network that failed to open can be requested again', async () => {
  const { notes, open } = noted()
  const lease = keptNetworks().lease()
  await expect(lease.use('x', 1, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
  await lease.use('x', 1, open('x'))
  expect(notes).toEqual(['open x'])
})

test('networks are closed when idle, not while in use', async () => {
  const { notes, open } = noted()
  const networks = keptNetworks(10, 40)
  const lease = networks.lease()
  await lease.use('x', 1, open('x'))
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect(notes).toEqual(['open x'])
  await lease.close()
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect(notes).toEqual(['open x', 'close x'])
})

test('work with its own networks closes them at its end', async () => {
  const { notes, open } = noted()
  const lease = networksOfItsOwn()
  await lease.use('x', 1, open('x'))
  await lease.close()
  expect(notes).toEqual(['open x', 'close x'])
})
