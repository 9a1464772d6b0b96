// What carries messages between two sides, and the four kinds of message there are.

export type Message =
  | { readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: WireError }
  | { readonly event: string; readonly args: readonly unknown[] }

/** An error as it crosses: what went wrong, and in which call. */
export interface WireError {
  readonly name: string
  readonly message: string
  readonly call: string
}

/** A way to the other side. Messages are plain data and typed arrays, and arrive in order. */
export interface Channel {
  post(message: Message): void
  /** `heard` gets whatever the other side posts; `closed` is told once, when nothing more can come. */
  on(heard: (message: unknown) => void, closed: () => void): void
  close(): void
}

/** The shape of every contract: asked with arguments, answered later. */
export type Calls<Api> = { readonly [K in keyof Api]: (...args: never[]) => Promise<unknown> }
export type Events<Told> = { readonly [K in keyof Told]: (...args: never[]) => void }
