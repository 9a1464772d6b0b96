import { expect, it } from 'vitest'
import { byteCarrier, type ByteStream } from '../../../src/shared/rpc/byte-carrier.ts'

/** A stream whose written bytes arrive at its own ear, in pieces of this size. */
function loop(pieceBytes: number): ByteStream & { end(): void } {
  const listeners: Record<string, ((bytes: Uint8Array) => void)[]> = {}
  const emit = (event: string, bytes = new Uint8Array()) =>
    listeners[event]?.forEach((listener) => listener(bytes))
  return {
    write(bytes) {
      for (let i = 0; i < bytes.length; i += pieceBytes) emit('data', bytes.slice(i, i + pieceBytes))
    },
    on: (event: string, listener: (bytes: Uint8Array) => void) =>
      void (listeners[event] ??= []).push(listener),
    end() {
      emit('error')
      emit('close')
    },
  }
}

it('messages arrive complete and in order, however their bytes are split', () => {
  const messages = [
    { line: 0, opened: true },
    { line: 1, message: { answer: 3, value: { png: Uint8Array.from({ length: 1000 }, (_, i) => i) } } },
    { line: 1, message: { answer: 4, value: [Float32Array.of(1.5, -2), Int32Array.of(), 'ünï'] } },
    { line: 1, closed: true },
  ]
  for (const pieceBytes of [1, 3, 64, 1 << 20]) {
    const stream = loop(pieceBytes)
    const heard: unknown[] = []
    let ends = 0
    const carrier = byteCarrier(stream)
    carrier.on(
      (message) => heard.push(message),
      () => ends++,
    )
    messages.forEach(carrier.post)
    expect(heard).toEqual(messages)
    stream.end()
    stream.end()
    carrier.post(messages[0])
    expect([heard.length, ends]).toEqual([messages.length, 1])
  }
})
