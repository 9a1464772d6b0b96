// Sessions and files opened on the way are closed at the end, last first, however the end came.

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
