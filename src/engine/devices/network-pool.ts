// Networks that stay open between jobs, so that the next job starts immediately.
import { totalmem } from 'node:os'

/** Anything that holds a model on a device. */
export interface Network {
  close(): Promise<void>
}

/** The networks that one piece of work has in use. */
export interface Lease {
  /**
   * Returns the network with this key, opening it if necessary. The key covers everything that defines it:
   * what it computes, the sha256 of its weights, where and how. `bytes` is its approximate memory use.
   */
  use<N extends Network>(name: string, bytes: number, open: () => Promise<N>): Promise<N>
  /** Releases the networks, which stay open. */
  close(): Promise<void>
}

export interface Networks {
  lease(): Lease
  /** Closes networks that are not in use. */
  close(): Promise<void>
}

interface Kept {
  readonly opened: Promise<Network>
  readonly bytes: number
  users: number
}

/** Above this share of the memory, the least recently used networks are closed for a new one. */
const SHARE_OF_MEMORY = 1 / 4
/** After this time without work, all are closed. */
const IDLE_MS = 5 * 60_000

export function keptNetworks(budget = totalmem() * SHARE_OF_MEMORY, idle = IDLE_MS): Networks {
  /** Least recently used first. */
  const kept = new Map<string, Kept>()
  let timer: NodeJS.Timeout | undefined

  const drop = async (enough: () => boolean) => {
    for (const [name, { users, opened }] of [...kept]) {
      if (users > 0 || enough()) continue
      kept.delete(name)
      // Failures to open were already reported to the callers.
      await opened.then(
        (network) => network.close(),
        () => {},
      )
    }
  }
  const total = () => [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  const openNow = async (name: string, open: () => Promise<Network>): Promise<Network> => {
    try {
      await drop(() => total() <= budget)
      return await open()
    } catch (error) {
      kept.delete(name)
      throw error
    }
  }
  return {
    close: () => drop(() => false),
    lease() {
      clearTimeout(timer)
      const held = new Set<Kept>()
      return {
        use<N extends Network>(name: string, bytes: number, open: () => Promise<N>) {
          const one = kept.get(name) ?? {
            bytes,
            users: 0,
            opened: Promise.resolve().then(() => openNow(name, open)),
          }
          kept.delete(name)
          kept.set(name, one)
          if (!held.has(one)) one.users++
          held.add(one)
          // A name is used for one kind of network only.
          return one.opened as Promise<N>
        },
        async close() {
          for (const one of held) one.users--
          held.clear()
          clearTimeout(timer)
          timer = setTimeout(() => void drop(() => false), idle).unref()
        },
      }
    },
  }
}

/** For work that is alone in its process; closes its networks at the end. */
export function networksOfItsOwn(): Lease {
  const networks = keptNetworks()
  const { use, close } = networks.lease()
  return {
    use,
    async close() {
      await close()
      await networks.close()
    },
  }
}
