// Records that the fixture of version 0.1 has no example of.

const SHA256 = 'ab'.repeat(32)

/** By their names in a workspace. */
export const ADDED_RECORDS: Readonly<Record<string, unknown>> = {
  'self-test.json': {
    schema: 1,
    date: '2026-11-29T10:00:00.000Z',
    models: [{ role: 'stage1', name: 'checkpoint_last.pt', sha256: SHA256 }],
    devices: [
      {
        device: 'cpu',
        stage1: [{ batch: 1, perSecond: 10 }],
        stage2: [{ batch: 1, perSecond: 10 }],
        pixels: [{ batch: 1, perSecond: 10 }],
      },
      { device: 'webgpu', problem: 'no adapter', parity1: { equal: 1, of: 2, difference: 0.1, largest: 5 } },
    ],
    reference: { equal: 1, of: 2, difference: 0.1 },
  },
  'unfinished.json': { schema: 1, calls: [{ call: 'resumeRun', args: ['20261129-042642-4b59'] }] },
  'comparisons/set.a59324448286.18808b16-discriminative--demo.00000000-codes/comparison.json': {
    images: 4,
    a: { entries: 24, used: 20, perplexity: 15.5, quantisationError: 0.5 },
    b: { entries: 1024, used: 300, perplexity: 150 },
    normalisedMutualInformation: 0.5,
    matchings: [{ by: 'overlap', match: [0, 1, -1], share: [0.5, 1, null], mutual: 1, agreement: 0.25 }],
  },
  'probes/20261129-050000-0001/request.json': {
    schema: 1,
    started: '2026-11-29T05:00:00.000Z',
    spec: {
      kind: 'probe',
      model: '/opt/models',
      device: 'cpu',
      out: '/opt/probe',
      images: '/opt/probed',
      epochs: 1,
      batch: 256,
      learningRate: 0.1,
      seed: 0,
    },
  },
  'evaluations/0123456789ab.json': {
    schema: 1,
    request: {
      samples: { kind: 'run', run: '20261129-042642-4b59' },
      reference: { kind: 'demo' },
      protocol: 'dinov2',
      device: 'cpu',
      confidence: false,
      perClass: false,
    },
  },
}
