// How a page in a browser shows its access token to the web host: as a subprotocol of its socket, which only its own
// script can name. A cookie would be sent to every server on this machine.

/** The host chooses one of the first two: the token is right, or it is not. */
export const GRANTED = 'digit'
export const REFUSED = 'digit-refused'
export const subprotocols = (token: string): string[] => [GRANTED, REFUSED, token]

/** `#token=TOKEN`, then the address of a view: a fragment is not sent to a server. */
const FRAGMENT = /^#token=([\w-]+)(.*)$/
export const tokenFragment = (token: string): string => `#token=${token}`

/** The token in a fragment and the rest of it; undefined without one. */
export function tokenIn(fragment: string): { readonly token: string; readonly rest: string } | undefined {
  const [, token, rest] = FRAGMENT.exec(fragment) ?? []
  return token === undefined ? undefined : { token, rest: rest! }
}
