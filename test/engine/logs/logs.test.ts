// Training logs as TensorBoard and fairseq write them: every scalar is read, a log at work too, and what is none is named.
import { describe, expect, test } from 'vitest'
import { bytesSource } from '../../../src/engine/bytes/index.ts'
import { maskedCrc32c } from '../../../src/engine/logs/crc32c.ts'
import { readEventFiles, readTrainLog } from '../../../src/engine/logs/index.ts'
import { concat, eventFile, float32, record, tag, text } from './event-bytes.ts'

const source = (bytes: Uint8Array, number = 1) => bytesSource(`events.out.tfevents.${number}.host`, bytes)
const events = async (bytes: Uint8Array) => (await readEventFiles([source(bytes)])).series
/** One value of `loss` for each step, a hundredth of it. */
const losses = (...steps: readonly number[]) =>
  eventFile(steps.map((step) => ({ step, values: [['loss', step / 100]] as [string, number][] })))

test('the checksum of 32 zeros is that of RFC 3720, B.4: aa36918a', () => {
  const crc = 0x8a9136aa
  expect(maskedCrc32c(new Uint8Array(32))).toBe(((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0)
})

describe('an event file', () => {
  test('is read as scalars by tag and step; other values are skipped', async () => {
    const found = await events(
      eventFile([
        {
          step: 10,
          values: [
            ['loss', 8.5],
            ['lr', 0.25],
          ],
        },
        { step: 20, values: [['loss', 7.5]] },
      ]),
    )
    expect(found.map(({ tag, steps, values }) => [tag, [...steps], [...values]])).toEqual([
      ['loss', [10, 20], [8.5, 7.5]],
      ['lr', [10], [0.25]],
    ])
  })

  test('of TensorFlow 2, with scalars stored as tensors, is read', async () => {
    const tensor = concat(tag(1, 0), [1], tag(4, 2), [4], float32(3.5))
    const value = concat(tag(1, 2), [1], text('x'), tag(8, 2), [tensor.length], tensor)
    const summary = concat(tag(1, 2), [value.length], value)
    const event = concat(tag(2, 0), [7], tag(5, 2), [summary.length], summary)
    const [series] = await events(concat(eventFile([]), record(event)))
    expect([series!.tag, [...series!.steps], [...series!.values]]).toEqual(['x', [7], [3.5]])
  })

  test('of a running job is read up to its last complete record', async () => {
    const whole = eventFile(
      [1, 2, 3].map((step) => ({ step, values: [['loss', step]] as [string, number][] })),
    )
    const before = eventFile([1, 2].map((step) => ({ step, values: [['loss', step]] as [string, number][] })))
    for (let size = before.length; size < whole.length; size++) {
      const [series] = await events(whole.subarray(0, size))
      expect([...series!.steps]).toEqual([1, 2])
    }
  })

  test('of 100,000 steps is read completely', async () => {
    const steps = Array.from({ length: 100_000 }, (_, step) => ({
      step,
      values: [['loss', step % 100]] as [string, number][],
    }))
    const [series] = await events(eventFile(steps))
    expect(series!.values).toHaveLength(100_000)
    expect(series!.steps.at(-1)).toBe(99_999)
  })

  test.each([
    ['other bytes', new TextEncoder().encode('{"epoch": 1}, a text file'), 'not a TensorBoard event file'],
    ['nothing', new Uint8Array(0), 'not a TensorBoard event file (0 bytes)'],
  ])('%s is refused', async (_name, bytes, message) => {
    await expect(events(bytes)).rejects.toThrow(`events.out.tfevents.1.host: ${message}`)
  })

  test('with a damaged record is read up to that record, with a note about the omitted rest', async () => {
    const bytes = losses(1, 2, 3, 4, 5)
    const third = losses(1, 2).length
    bytes[third + 14]! ^= 1
    const { series, notes } = await readEventFiles([source(bytes)])
    expect([...series[0]!.steps]).toEqual([1, 2])
    expect(notes).toEqual([
      `events.out.tfevents.1.host: damaged at byte ${third} (checksum mismatch); the ${bytes.length - third} bytes from there on were left out`,
    ])
  })

  test('with zeros at its end, as after a power failure, keeps all its records', async () => {
    const { series, notes } = await readEventFiles([source(concat(losses(1, 2), new Uint8Array(4096)))])
    expect([...series[0]!.steps]).toEqual([1, 2])
    expect(notes).toHaveLength(1)
  })

  test('is read even if others are damaged or are not event files', async () => {
    const damaged = losses(3, 4)
    damaged[damaged.length - 6]! ^= 1
    const { series, notes } = await readEventFiles([
      source(losses(1, 2)),
      source(damaged, 2),
      source(text('hello, this is no event file'), 3),
    ])
    expect([...series[0]!.steps]).toEqual([1, 2, 3])
    expect(notes).toEqual([
      expect.stringMatching(/^events\.out\.tfevents\.2\.host: damaged at byte \d+/),
      'events.out.tfevents.3.host: not a TensorBoard event file; the rest of this file was left out',
    ])
  })

  test('with a start event drops the values from that step on, also those of earlier files', async () => {
    const start = concat(tag(2, 0), [3], tag(7, 2), [2], tag(1, 0), [1])
    const resumed = concat(losses(), record(start), losses(3, 4).subarray(losses().length))
    const { series, notes } = await readEventFiles([source(losses(1, 2, 3, 4, 5)), source(resumed, 2)])
    expect([...series[0]!.steps]).toEqual([1, 2, 3, 4])
    expect(notes).toEqual([
      'events.out.tfevents.2.host: the run was started again at step 3; 3 values from there on were left out',
    ])
  })
})

describe('a train.log', () => {
  const read = async (lines: readonly string[]) =>
    (await readTrainLog(bytesSource('train.log', new TextEncoder().encode(lines.join('\n'))))).series
  const LINES = [
    '[2024-05-01 10:00:00,000][fairseq_cli.train][INFO] - {"_name": null, "common": {"seed": 1}}',
    '[2024-05-01 10:01:00,000][train_inner][INFO] - {"epoch": 1, "update": 0.5, "loss": "8.213", "num_updates": "100", "lr": "1e-05"}',
    '[2024-05-01 10:02:00,000][train][INFO] - {"epoch": 1, "train_loss": "7.9", "train_num_updates": "200", "train_wall": "60"}',
    '[2024-05-01 10:02:10,000][valid][INFO] - {"epoch": 1, "valid_loss": "7.5", "valid_ppl": "inf", "valid_num_updates": "200"}',
    '[2024-05-01 10:03:00,000][train_inner][INFO] - {"epoch": 2, "update": 1.5, "loss": "7.1", "num_upd',
  ]

  test('is read with updates and epochs, from numbers written as strings; a truncated line is left out', async () => {
    const found = await read(LINES)
    expect(
      found.map(({ tag, steps, epochs, values }) => [tag, [...steps], [...epochs!], [...values]]),
    ).toEqual([
      ['loss', [100], [0.5], [8.213]],
      ['lr', [100], [0.5], [1e-5]],
      ['train_loss', [200], [1], [7.9]],
      ['valid_loss', [200], [1], [7.5]],
    ])
  })

  test('with bare NaN and Infinity keeps the other values of those lines', async () => {
    const found = await read([
      '[x][train_inner][INFO] - {"epoch": 1, "loss": "7", "gnorm": NaN, "num_updates": "100"}',
      '[x][valid][INFO] - {"epoch": 1, "valid_loss": "6.5", "valid_ppl": -Infinity, "valid_note": "NaN, \\"Infinity\\"", "valid_num_updates": "100"}',
    ])
    expect(found.map(({ tag, steps, values }) => [tag, [...steps], [...values]])).toEqual([
      ['loss', [100], [7]],
      ['valid_loss', [100], [6.5]],
    ])
  })

  test('in UTF-16 is read', async () => {
    const line = '\ufeff[x][INFO] - {"epoch": 1, "loss": "8.2", "num_updates": "100"}\r\n'
    const { series } = await readTrainLog(bytesSource('train.log', Buffer.from(line, 'utf16le')))
    expect(series.map(({ tag, values }) => [tag, ...values])).toEqual([['loss', 8.2]])
  })

  test('without statistics is refused', async () => {
    await expect(read(['hello', '[INFO] - {"a": 1}'])).rejects.toThrow(
      'train.log: no statistics found (found a text that starts with "hello", expected lines written by fairseq with log_format: json)',
    )
  })
})
