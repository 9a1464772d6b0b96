// Pickles of every protocol as data, and what hostile ones become: a record or a refusal, never an action.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asTagged, type Data } from '../../../src/engine/checkpoint/data.ts'
import { MAX_DEPTH, MAX_LONG_BYTES, unpickle } from '../../../src/engine/checkpoint/pickle.ts'
import { dataAt, toPlain } from '../../../src/engine/checkpoint/plain.ts'
import { FormatError } from '../../../src/shared/errors.ts'
import { plainToReference, reference } from './reference.ts'

const load = (bytes: Uint8Array | string): Data =>
  unpickle(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, { place: 'x.pkl' }).value

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes.toString('latin1')
}

describe('data', () => {
  test.each(Object.entries(reference.pickles))('protocol %s', (_, base64) => {
    const data = load(Buffer.from(base64, 'base64'))
    expect(plainToReference(toPlain(data))).toEqual(reference.data)
  })

  test('dataAt finds values in every kind of container', () => {
    const data = load(Buffer.from(reference.pickles['4']!, 'base64'))
    const paths = [
      'namespace.inner.name',
      'list.1.0',
      'ordered.b',
      'default.x.0',
      '7',
      'enum',
      'numpy',
      'none',
    ]
    expect(paths.map((path) => dataAt(data, path))).toEqual(['x', 2, 2, 1, 'seven', 'red', 0.25, null])
    expect(
      ['absent', 'list.9', 'text.length', 'list.length', '', 'namespace.__class__'].map((path) =>
        dataAt(data, path),
      ),
    ).toEqual(Array(6).fill(undefined))
  })

  test('__proto__ is a key like any other', () => {
    const data = load(Buffer.from(reference.pickles['2']!, 'base64'))
    expect(dataAt(data, '__proto__.polluted')).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('strings of Python 2', () => {
    expect(load("(S'a\\'\\x41\\n'\nU\x02hiT\x01\x00\x00\x00\xfft.")).toEqual(["a'A\n", 'hi', '\xff'])
    expect(load('V\\u00fcx\n.')).toBe('üx')
  })

  test('wide integers', () => {
    expect(load('\x8a\x00.')).toBe(0)
    expect(load('\x8a\x01\xff.')).toBe(-1)
    expect(load('\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.')).toBe(2n ** 63n - 1n)
    expect(load('\x8b\x02\x00\x00\x00\x00\x80.')).toBe(-32768)
    expect(load('L123456789012345678901L\n.')).toBe(123456789012345678901n)
  })
})

describe('nothing is executed', () => {
  test('a call of os.system becomes a record', () => {
    const data = load(Buffer.from(reference.reduceOsSystem, 'base64'))
    expect(asTagged(data)).toMatchObject({
      kind: 'record',
      module: 'posix',
      name: 'system',
      args: ['touch EXECUTED'],
    })
    expect(existsSync('EXECUTED')).toBe(false)
  })

  test('builtins become records, and their results cannot be called', () => {
    for (const name of ['eval', 'exec', '__import__', 'getattr', 'constructor', '__proto__', 'toString'])
      expect(asTagged(load(`cbuiltins\n${name}\n(X\x01\x00\x00\x001tR.`))).toMatchObject({
        name,
        args: ['1'],
      })
    expect(() => load('cbuiltins\ngetattr\n(X\x01\x00\x00\x001tR(tR.')).toThrow('called object has no name')
  })
})

describe('refused', () => {
  const deep = '('.repeat(MAX_DEPTH + 1)
  test.each<[string, string, string]>([
    ['an opcode outside the table', '\x82\x01.', '0x82 at byte 0: opcode not used in checkpoints'],
    ['INST', '(ios\nsystem\n.', '0x69 at byte 1'],
    ['no bytes', '', 'unexpected end of data at byte 0'],
    ['no STOP', 'N', 'unexpected end of data at byte 1'],
    ['nothing on the stack', '.', 'STOP at byte 0: stack is empty'],
    ['too few operands', 'NR.', 'REDUCE at byte 1: not enough operands on the stack (found 1, expected 2)'],
    ['operands below a mark', 'N(0.', 'POP at byte 2: stack is empty'],
    ['no mark', 'Nt.', 'TUPLE at byte 1: no mark'],
    ['deep nesting', deep, `nested too deeply (maximum ${MAX_DEPTH})`],
    ['a newer protocol', '\x80\x06N.', 'unsupported pickle protocol (found 6, expected at most 5)'],
    [
      'text longer than the file',
      `X${u32(0xffffffff)}abc.`,
      'unexpected end of data at byte 9 (expected 4294967295 bytes at byte 5)',
    ],
    ['text of 2^63 bytes', '\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.', 'expected at most 2^53'],
    ['bytes of 2^52', '\x8e\x00\x00\x00\x00\x00\x00\x10\x00.', 'bytes at byte 9'],
    [
      'a frame beyond the file',
      '\x95\xff\x00\x00\x00\x00\x00\x00\x00N.',
      'unexpected end of data at byte 11 (expected 255 bytes at byte 9)',
    ],
    ['an integer of 2 GB', `\x8b${u32(0x7fffffff)}.`, `maximum ${MAX_LONG_BYTES}`],
    ['an integer of negative length', `\x8b${u32(0xffffffff)}.`, 'integer too large (found -1 bytes'],
    ['an integer of many digits', `I${'9'.repeat(3000)}\n.`, 'too many digits (found 3000, maximum 2500)'],
    ['an invalid integer', 'I0x10\n.', 'not an integer'],
    ['an invalid float', 'Fone\n.', 'not a number'],
    ['text that is not UTF-8', `X${u32(1)}\xff.`, 'text is not UTF-8'],
    ['an empty memo', 'h\x05.', 'memo 5 is empty'],
    ['an invalid memo key', 'Np-1\n.', 'memo key -1'],
    ['items for something else', 'NNa.', 'target is not a list'],
    ['items for a class', 'cx\ny\nNa.', 'target is not a list'],
    ['entries for something else', 'NNNs.', 'target is not a dict'],
    ['a key without a value', '}(Nu.', 'key without a value'],
    ['members for something else', '](N\x90.', 'target is not a set'],
    ['state for a class', 'cx\ny\n}b.', 'object cannot take a state'],
    ['state for a number', 'K\x01}b.', 'object cannot take a state'],
    ['arguments that are not a tuple', 'cx\ny\nNR.', 'arguments are not a tuple'],
    ['a class whose name is a number', 'K\x01K\x02\x93.', 'name is not text'],
    ['a persistent id', 'NQ.', 'persistent id in a file without storages'],
    ['a string without quotes', 'Sabc\n.', 'string without quotes'],
    ['a character beyond Unicode', 'V\\Uffffffff\n.', 'character 4294967295'],
  ])('%s', (_, bytes, message) => {
    let error: unknown
    try {
      load(bytes)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(FormatError)
    expect(String(error)).toContain(message)
  })

  test('too many steps or objects, within seconds', () => {
    for (const [unit, message] of [
      ['N0', 'too many steps (maximum 5000000)'],
      [']', 'too many objects (maximum 1000000)'],
      ['}', 'too many objects (maximum 1000000)'],
      ['C\x00', 'too many objects (maximum 1000000)'],
      [`S'${'\\n'.repeat(500)}'\n`, 'too many steps (maximum 5000000)'],
    ] as const) {
      const started = performance.now()
      expect(() => load(Buffer.alloc(6_000_000, unit, 'latin1'))).toThrow(message)
      expect(performance.now() - started).toBeLessThan(3000)
    }
  })

  test('too many copies of one long text', () => {
    const text = 'x'.repeat(1_000_000)
    const copy = 'h\x00h\x01X\x06\x00\x00\x00latin1\x86R0'
    const bytes = `c_codecs\nencode\nq\x00X${u32(text.length)}${text}q\x01${copy.repeat(500)}.`
    expect(() => load(bytes)).toThrow('too many steps (maximum 5000000)')
  })
})

describe('helpers end on any shape', () => {
  test('a list that contains itself', () => {
    const data = load(']q\x00h\x00aK\x01a.')
    expect(toPlain(data)).toEqual([null, 1])
    expect(dataAt(data, Array(1000).fill('0').join('.') + '.1')).toBe(1)
  })

  test('a Namespace whose state is itself', () => {
    const data = load('cargparse\nNamespace\n)\x81q\x00h\x00b.')
    expect(toPlain(data)).toEqual([])
    const inside = load('cargparse\nNamespace\n)\x81q\x00}X\x01\x00\x00\x00ah\x00sb.')
    expect(toPlain(inside)).toEqual(new Map([['a', null]]))
  })

  test('a value that contains itself 2^40 times, and one nested 100000 deep', () => {
    const doubling = `]${'q\x00h\x00h\x00\x86'.repeat(40)}.`
    expect(Array.isArray(toPlain(load(doubling)))).toBe(true)
    expect(Array.isArray(toPlain(load(`N${'\x85'.repeat(100_000)}.`)))).toBe(true)
  })
})
