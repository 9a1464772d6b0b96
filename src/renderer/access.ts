// The access token of this page in a browser: taken from its address once, kept in the storage of its origin, which
// includes the port. The desktop window needs none.
import { tokenIn } from '../shared/contract/web-access.ts'

const KEY = 'digit-token'

let token: string | undefined

/** Undefined if the page was opened at an address without it, now and before. */
export function accessToken(): string | undefined {
  takeToken()
  return token ?? stored()
}

/** The address bar keeps only the view, so that the token is in no history and no screenshot. */
function takeToken(): void {
  const found = tokenIn(location.hash)
  if (!found) return
  token = found.token
  history.replaceState(null, '', found.rest || location.pathname)
  try {
    localStorage.setItem(KEY, token)
  } catch {
    // Storage is off: the token lasts as long as this page.
  }
}

function stored(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

// Before any other part reads the view from the address, at the start and when a person enters an address.
if ('location' in globalThis) {
  takeToken()
  addEventListener('popstate', takeToken)
}
