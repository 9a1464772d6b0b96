// A scope closes its sessions and files at its end, last first, also after an error.

export type Keep = <T extends { close(): Promise<void> }>(opened: T) => T

export async function scope<T>(body: (keep: Keep) => Promise<T>): Promise<T> {
  const opened: { close(): Promise<void> }[] = []
  try {
    return await body((one) => {
      opened.push(one)
      return one
    })
  } finally {
    for (const one of opened.reverse()) await one.close()
  }
}
