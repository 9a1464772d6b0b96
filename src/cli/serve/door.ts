// Access control: only requests to the loopback address, from its own page, with the token.
import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * A host name that another site's DNS points here is rejected. Any port is accepted: a tunnel uses its own.
 */
const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i

export const isLoopbackHost = (host: string | undefined): host is string => LOOPBACK.test(host ?? '')

/** Unlike a page, a socket may be opened by any site; browsers report truthfully which one. */
export const isOwnOrigin = (origin: string | undefined, host: string): boolean =>
  origin?.toLowerCase() === `http://${host.toLowerCase()}`

/** Constant-time comparison. */
export function tokensEqual(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}
