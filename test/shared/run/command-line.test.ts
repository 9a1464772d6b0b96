// Specifications -> commands. That they make the same images is tested in test/engine/paper/publish.test.ts.
import { expect, it } from 'vitest'
import { commandOf } from '../../../src/shared/run/command-line.ts'
import type { SampleSpec } from '../../../src/shared/run/run.ts'

const spec: SampleSpec = {
  kind: 'sample',
  model: '/home/somebody/DiGIT',
  out: '',
  device: 'cpu',
  batchSize: 1,
  weightBits: 32,
  seed: 7,
  stage2: 'ar',
  stage2Sampling: { temperature: 0.9, topK: 0, topP: 0.8 },
  masked: { steps: 8, choiceTemperature: 4.5 },
  count: 4,
  classes: [2],
  stage1Sampling: { temperature: 1, topK: 0, topP: 0 },
  shards: 4,
  shard: 3,
}

it.each<[Partial<SampleSpec>, string]>([
  [
    {},
    '--count 4 --num-shards 4 --shard-id 3 --class 2 --temperature 1 --topk 0 --seed 7 --stage2 ar --stage2-temperature 0.9 --stage2-topp 0.8 --device cpu',
  ],
  [
    {
      stage2: 'nar',
      weightBits: 8,
      classes: [],
      shards: 1,
      shard: 0,
      stage1Sampling: { temperature: 1, topK: 5, topP: 0.5 },
    },
    '--count 4 --temperature 1 --topp 0.5 --seed 7 --stage2 nar --stage2-temperature 0.9 --stage2-topp 0.8 --steps 8 --choice-temperature 4.5 --precision int8 --device cpu',
  ],
])('every setting that decides the images is in it: %j', (fields, words) => {
  expect(commandOf({ ...spec, ...fields }, { out: 'again' })).toBe(`digit sample ${words} --out again`)
})

it('names the files of the caller, quoted for a shell, and no folder of this machine', () => {
  const choose = { stage1: "MODELS/it's.pt" }
  const command = commandOf(
    { ...spec, choose, pinned: [{}], commonNoise: 'stage2', noise: [3] },
    { model: 'my models', pinned: 'tokens/1.json', out: 'again' },
  )
  expect(command).toContain("--common-noise stage2 --noise 3 --pinned tokens/1.json --model 'my models'")
  expect(command).toContain(`--use 'stage1=MODELS/it'\\''s.pt'`)
  expect(command).not.toContain('somebody')
})
