// Serves the built page under its own scheme and denies it all permissions.
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { protocol, type Session } from 'electron'
import { PAGE_ORIGIN, PAGE_SCHEME } from '../shared/contract/desktop.ts'
import { contentType, PAGE_HEADERS } from '../shared/contract/page-security.ts'

/** Call before the app is ready. Gives the scheme an origin, as https has. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Only files that are in `folder` at startup have an address; addresses are never turned into paths. */
export async function servePage(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [`/${relative(folder, path).split(sep).join('/')}`, path]),
  )
  protocol.handle(PAGE_SCHEME, async ({ url, method }) => {
    const { protocol: scheme, host, pathname } = new URL(url)
    const path = `${scheme}//${host}` === PAGE_ORIGIN && method === 'GET' ? paths.get(pathname) : undefined
    if (path === undefined) return new Response('Not found.', { status: 404, headers: PAGE_HEADERS })
    const headers = { ...PAGE_HEADERS, 'Content-Type': contentType(path) }
    return new Response(await readFile(path), { headers })
  })
}

/** Copying text is the only permission the page needs. */
export function denyPermissions(session: Session): void {
  const allowed = (permission: string) => permission === 'clipboard-sanitized-write'
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(allowed(permission)))
  session.setPermissionCheckHandler((_contents, permission) => allowed(permission))
  session.setDevicePermissionHandler(() => false)
}
