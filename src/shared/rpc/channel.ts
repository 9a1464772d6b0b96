// Message transport between two sides, and the four kinds of messages.

export type Message =
  | { readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: WireError }
  | { readonly event: string; readonly args: readonly unknown[] }

/** An error in transit: the problem, and the call that failed. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly call: string
}

/** A connection to the other side. Messages are plain data and typed arrays, and arrive in order. */
export interface Channel {
  post(message: Message): void
  /** `heard` receives every message from the other side; `closed` is called once, when no more can arrive. */
  on(heard: (message: unknown) => void, closed: () => void): void
  close(): void
}

/** The shape of every contract: calls with arguments, answered asynchronously. */
export type Calls<Api> = { readonly [K in keyof Api]: (...args: never[]) => Promise<unknown> }
export type Events<Told> = { readonly [K in keyof Told]: (...args: never[]) => void }
