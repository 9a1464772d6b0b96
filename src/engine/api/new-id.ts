// Names for folders of the workspace: runs, sweeps, linear probes.
import { randomBytes } from 'node:crypto'

/** `20261123-044438-5f0c`: sorts by time, and simultaneous ids differ. @param started ISO time */
export const newId = (started = new Date().toISOString()): string =>
  `${started.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`
