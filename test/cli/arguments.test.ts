import { describe, expect, it } from 'vitest'
import { parseClasses } from '../../src/cli/classes.ts'
import { bytesText } from '../../src/cli/commands/info.ts'
import { inputsName } from '../../src/cli/inputs.ts'
import { drawFields, stage2Fields } from '../../src/cli/options.ts'
import { durationText, paceOf, progressLine } from '../../src/cli/progress.ts'
import type { ModelSet } from '../../src/shared/models/models.ts'

describe('--class', () => {
  const modelSet = (classes: number, classNames: readonly string[]): ModelSet => ({
    files: [
      {
        id: 'x',
        path: '/x',
        prefix: '',
        kind: 'stage1',
        bytes: 1,
        sha256: '',
        summary: '',
        facts: { classes },
      },
    ],
    set: { stage1Class: 'x' },
    generators: [],
    notes: [],
    assumed: [],
    classNames,
  })
  const animals = modelSet(1000, ['tabby cat', 'tiger cat', 'dog'])

  it('accepts ids, ranges, names and lists, and keeps their order', () => {
    expect(parseClasses(['0-2'], animals)).toEqual([0, 1, 2])
    expect(parseClasses(['Dog, 0', 'tabby'], animals)).toEqual([2, 0, 0])
    expect(parseClasses(['999'], modelSet(1000, []))).toEqual([999])
  })

  it('refuses an unknown class and lists the valid ones', () => {
    expect(() => parseClasses(['3'], animals)).toThrow(
      '--class 3: class out of range (this model has 3 classes, 0 to 2)',
    )
    expect(() => parseClasses(['2-0'], animals)).toThrow('range is reversed (found 2-0, expected 0-2)')
    expect(() => parseClasses(['cat'], animals)).toThrow(
      'ambiguous name, matches 2 classes (0 tabby cat, 1 tiger cat)',
    )
    // ImageNet has two cranes, a bird and a machine.
    expect(() => parseClasses(['crane'], modelSet(1000, ['crane', 'Crane', 'crane fly']))).toThrow(
      '--class crane: ambiguous name, matches 2 classes (0 crane, 1 Crane); use the number',
    )
    expect(() => parseClasses(['fish'], animals)).toThrow('no such class (classes: tabby cat')
    expect(() => parseClasses(['1'], { ...animals, set: {} })).toThrow('no class-conditional stage 1')
  })
})

describe('sampling flags', () => {
  const typed = { temperature: 1, topk: undefined, topp: undefined }
  it('top-p replaces top-k, and a flag replaces both defaults', () => {
    expect(drawFields(typed, { topK: 200 })).toEqual({ temperature: 1, topK: 200, topP: 0 })
    expect(drawFields({ ...typed, topp: 0.9 }, { topK: 200 })).toEqual({ temperature: 1, topK: 0, topP: 0.9 })
    expect(drawFields({ ...typed, topk: 5 }, { topP: 0.8 })).toEqual({ temperature: 1, topK: 5, topP: 0 })
    expect(drawFields({ ...typed, topp: 0 }, { topP: 0.8 })).toEqual({ temperature: 1, topK: 0, topP: 0 })
    expect(() => drawFields({ ...typed, topk: 5, topp: 0.5 }, {}, 'stage2-')).toThrow(
      '--stage2-topk 5, --stage2-topp 0.5',
    )
  })

  it('stage 2 defaults to the model that is open, AR if both are, with the published settings', () => {
    const flags = { seed: 0, stage2Temperature: 1, steps: 8, choiceTemperature: 4.5 }
    const ar = { stage2: 'ar', stage2Sampling: { temperature: 1, topK: 0, topP: 0.8 } }
    expect(stage2Fields(flags, { set: { stage2Ar: 'a', stage2Nar: 'n' } })).toMatchObject(ar)
    expect(stage2Fields(flags, { set: {} })).toMatchObject(ar)
    expect(stage2Fields(flags, { set: { stage2Nar: 'n' } })).toMatchObject({
      stage2: 'nar',
      stage2Sampling: { topP: 0 },
    })
    expect(stage2Fields({ ...flags, stage2: 'nar' }, { set: { stage2Ar: 'a' } }).stage2).toBe('nar')
  })
})

describe('progress', () => {
  it('the rate is measured from the first step it saw', () => {
    let now = 0
    const pace = paceOf(() => now)
    expect(pace(40, 64)).toEqual({ rate: '-/s', left: 'unknown time left' })
    now = 2000
    expect(pace(44, 64)).toEqual({ rate: '2.0/s', left: '10 s left' })
    now = 42_000
    expect(pace(50, 64)).toEqual({ rate: '4.2 s/it', left: '59 s left' })
  })

  it('without a terminal, progress is a plain line every 10 seconds', () => {
    let now = 0
    const written: string[] = []
    const stream = {
      isTTY: false,
      write: (text: string) => written.push(text),
    } as unknown as NodeJS.WriteStream
    const line = progressLine(stream, () => now)
    for (; now <= 21_000; now += 1000) line.update(now / 1000, 64, 'stage 1')
    expect(written).toEqual([
      '0/64, -/s, unknown time left, stage 1\n',
      '10/64, 1.0/s, 54 s left, stage 1\n',
      '20/64, 1.0/s, 44 s left, stage 1\n',
    ])
  })

  it('durations and sizes are readable', () => {
    expect([5, 65, 7300].map(durationText)).toEqual(['5 s', '1 min 5 s', '2 h 1 min'])
    expect([0, 999, 16512, 876e6, 3e9].map(bytesText)).toEqual([
      '0 B',
      '999 B',
      '16.5 kB',
      '876.0 MB',
      '3.0 GB',
    ])
  })
})

it('different inputs get different folder names', () => {
  expect(inputsName(['/a/cat.png'])).toMatch(/^cat-[0-9a-f]{6}$/)
  expect(inputsName(['/a/cat.png'])).not.toBe(inputsName(['/b/cat.png']))
})
