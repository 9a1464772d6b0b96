// The access token of a workspace: WORKSPACE/web-token, which only its owner can read. A page stays connected when the
// server restarts.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const BYTES = 24
const TOKEN = /^[\w-]{32}$/
/** What others may do with a file, in its mode. */
const OTHERS = 0o077

/** A workspace that cannot be written has a token of this process. */
export async function workspaceToken(workspace: string): Promise<string> {
  const path = join(workspace, 'web-token')
  const before = await keptToken(path)
  if (before !== undefined) return before
  const token = randomBytes(BYTES).toString('base64url')
  const aside = `${path}.${process.pid}`
  try {
    await mkdir(workspace, { recursive: true })
    await writeFile(aside, token, { mode: 0o600 })
    // The mode above is for new files only.
    await chmod(aside, 0o600)
    await rename(aside, path)
  } catch {
    await rm(aside, { force: true }).catch(() => {})
  }
  return token
}

/** Undefined for a file that is missing, damaged, or readable by others. */
async function keptToken(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path)
    const text = await readFile(path, 'utf8')
    const isPrivate = process.platform === 'win32' || (mode & OTHERS) === 0
    return isPrivate && TOKEN.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
