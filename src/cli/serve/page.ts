// Serves the built page from memory to this machine; no request is ever turned into a path.
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, relative, sep } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { contentType, PAGE_HEADERS } from '../../shared/contract/page-security.ts'
import { isLoopbackHost } from './door.ts'

/** Address -> content. */
export type PageFiles = ReadonlyMap<string, Uint8Array>

export async function readPage(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(
    paths.map(
      async (path) => [`/${relative(folder, path).split(sep).join('/')}`, await readFile(path)] as const,
    ),
  )
  const page = new Map(files)
  const index = page.get('/index.html')
  if (!index) throw new RequestError(`${folder}: the page has not been built; run npm run build`)
  return page.set('/', index)
}

/** The page has no secrets: what it shows comes over its socket, which needs the token. */
export function servePage(files: PageFiles) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (status: number, text: string) =>
      response
        .writeHead(status, { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' })
        .end(`${text}\n`)

    if (!isLoopbackHost(request.headers.host)) return void answer(403, 'Unknown host name.')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void answer(405, 'Only GET requests are supported.')
    const url = addressOf(request)
    if (!url) return void answer(400, 'Invalid address.')
    const file = files.get(url.pathname)
    if (!file) return void answer(404, 'Not found.')
    const name = url.pathname === '/' ? 'index.html' : url.pathname
    response
      .writeHead(200, {
        ...PAGE_HEADERS,
        'Content-Type': contentType(name),
        'Content-Length': String(file.length),
        // File names under assets/ change with their content.
        'Cache-Control': name.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
      })
      .end(request.method === 'HEAD' ? undefined : file)
  }
}

export function addressOf({ url }: IncomingMessage): URL | undefined {
  try {
    // Joined as text: `//name` resolved against a base would name another host.
    return url?.startsWith('/') ? new URL(`http://localhost${url}`) : undefined
  } catch {
    return undefined
  }
}
