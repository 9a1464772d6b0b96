// Every parser of user files, as a function from bytes to everything it can read, with valid files.
import { readdirSync, readFileSync } from 'node:fs'
import { contentWords } from '../../src/engine/bytes/content.ts'
import { bytesToText } from '../../src/engine/bytes/text.ts'
import { readNpy } from '../../src/engine/bytes/npy.ts'
import { readNpz } from '../../src/engine/bytes/npz.ts'
import { bytesSource } from '../../src/engine/bytes/source.ts'
import { readEntry, readZip } from '../../src/engine/bytes/zip.ts'
import { dataAt, toPlain, type Weights } from '../../src/engine/checkpoint/index.ts'
import { openCheckpointSource } from '../../src/engine/checkpoint/open.ts'
import { storageFromId } from '../../src/engine/checkpoint/pickle-calls.ts'
import { unpickle } from '../../src/engine/checkpoint/pickle.ts'
import { openSafetensors } from '../../src/engine/checkpoint/safetensors.ts'
import { openTorchLegacy } from '../../src/engine/checkpoint/torch-legacy.ts'
import { openTorchZip } from '../../src/engine/checkpoint/torch-zip.ts'
import { storageBytes, torchTensors } from '../../src/engine/checkpoint/torch.ts'
import { decodeBmp } from '../../src/engine/images/bmp.ts'
import { decodePnm, isPnm } from '../../src/engine/images/pnm.ts'
import { readEventFiles, readTrainLog } from '../../src/engine/logs/index.ts'
import { FormatError } from '../../src/shared/errors.ts'
import { readCodecs } from '../../src/engine/tokens/codecs.ts'
import { readGenerateText } from '../../src/engine/tokens/generate-text.ts'
import { concat, eventFile, eventMessage, record } from '../../test/engine/logs/event-bytes.ts'

export interface FuzzedParser {
  name: string
  corpus: Uint8Array[]
  run(bytes: Uint8Array): Promise<void>
}

/** Larger tensors are not read. */
const MAX_ELEMENTS = 2 ** 20
const MAX_TENSORS_READ = 64
const MAX_ENTRY_BYTES = 2 ** 20

const source = (bytes: Uint8Array) => bytesSource('fuzz', bytes)

/** A decoder that throws a plain Error for a damaged file, to which its caller adds the name. */
const unnamed = (decode: (bytes: Uint8Array) => unknown) => async (bytes: Uint8Array) => {
  try {
    decode(bytes)
  } catch (error) {
    throw error instanceof Error && error.constructor === Error
      ? new FormatError('fuzz', error.message)
      : error
  }
}

async function use(weights: Weights): Promise<void> {
  if (weights.data !== undefined) {
    toPlain(weights.data)
    dataAt(weights.data, 'cfg.model._name')
  }
  for (const tensor of [...weights.tensors.values()].slice(0, MAX_TENSORS_READ))
    if (tensor.shape.reduce((a, b) => a * b, 1) <= MAX_ELEMENTS) await tensor.read()
  await weights.close()
}

/** A pickle with tensors, without an archive; all storages share the same bytes. */
async function tensorPickle(bytes: Uint8Array): Promise<void> {
  const { value } = unpickle(bytes, { place: 'fuzz', persistent: storageFromId })
  const zeros = source(new Uint8Array(4096))
  const tensors = torchTensors(value, 'fuzz', (storage, place) => {
    const size = Math.min(storageBytes(storage, place), zeros.size)
    return { source: zeros, path: '/fuzz', start: 0, size }
  })
  await use({
    path: '/fuzz',
    format: 'torch-zip',
    ...tensors,
    data: value,
    tensorBytes: 0,
    close: async () => {},
  })
}

/** The parsers with their corpus, read from the fixtures under `root`. */
export async function fuzzedParsers(root: string): Promise<FuzzedParser[]> {
  const file = (name: string) => new Uint8Array(readFileSync(`${root}/test/fixtures/checkpoint/${name}`))
  const official = (name: string) =>
    new Uint8Array(readFileSync(`${root}/test/fixtures/official-tiny/${name}`))
  const reference = JSON.parse(readFileSync(`${root}/test/fixtures/checkpoint/reference.json`, 'utf8')) as {
    pickles: Record<string, string>
    reduceOsSystem: string
  }
  const pickles = [...Object.values(reference.pickles), reference.reduceOsSystem].map(
    (base64) => new Uint8Array(Buffer.from(base64, 'base64')),
  )
  const zips = ['bare-tensor.pt', 'reduce-os-system.pt', 'complex.pt', 'zip.pt'].map(file)
  const views = official('variants/views.pt')
  const tensorPickles: Uint8Array[] = []
  for (const archive of [
    ...zips,
    file('zip-protocol4.pt'),
    views,
    official('variants/stage1_cfg_omegaconf_decoder_only.pt'),
  ])
    for (const entry of (await readZip(source(archive))).values())
      if (entry.name.endsWith('data.pkl')) tensorPickles.push(await readEntry(source(archive), entry))
  const legacy = ['legacy.pt', 'legacy-protocol4.pt'].map(file)
  const safetensors = [file('all.safetensors')]
  const arrays = ['fortran.npy', 'version2.npy'].map(file)
  const npz = ['arrays.npz', 'arrays-compressed.npz'].map(file)
  const pictures = (kind: string) =>
    readdirSync(`${root}/test/fixtures/images/${kind}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(bmp|pgm|ppm)$/.test(name))
      .map((name) => new Uint8Array(readFileSync(`${root}/test/fixtures/images/${kind}/${name}`)))
  const lines = '\ufeff1 2 3\r\n40 500 6000\r\n'
  const texts = [
    new Uint8Array(Buffer.from(lines)),
    new Uint8Array(Buffer.from(lines, 'utf16le')),
    new Uint8Array(Buffer.from('version https://git-lfs.github.com/spec/v1\n')),
    new Uint8Array(Buffer.from('<!DOCTYPE html><html></html>')),
  ]
  return [
    {
      name: 'any checkpoint',
      corpus: [...zips, views, ...legacy, ...safetensors, ...arrays, ...npz],
      run: async (b) => use(await openCheckpointSource(source(b), '/fuzz')),
    },
    {
      name: 'torch zip',
      corpus: [...zips, views],
      run: async (b) => use(await openTorchZip(source(b), '/fuzz')),
    },
    {
      name: 'torch legacy',
      corpus: legacy,
      run: async (b) => use(await openTorchLegacy(source(b), '/fuzz')),
    },
    {
      name: 'safetensors',
      corpus: safetensors,
      run: async (b) => use(await openSafetensors(source(b), '/fuzz')),
    },
    { name: 'pickle', corpus: pickles, run: async (b) => void toPlain(unpickle(b, { place: 'fuzz' }).value) },
    { name: 'pickle with tensors', corpus: tensorPickles, run: tensorPickle },
    { name: 'npy', corpus: arrays, run: async (b) => void (await readNpy(source(b))) },
    { name: 'npz', corpus: npz, run: async (b) => void (await readNpz(source(b))) },
    {
      name: 'zip',
      corpus: [...zips.slice(0, 3), ...npz],
      run: async (b) => {
        for (const entry of (await readZip(source(b))).values())
          await readEntry(source(b), entry, MAX_ENTRY_BYTES)
      },
    },
    { name: 'bmp', corpus: pictures('bmp'), run: unnamed(decodeBmp) },
    {
      name: 'pgm and ppm',
      corpus: pictures('pnm'),
      run: unnamed((b) => (isPnm(b) ? decodePnm(b) : undefined)),
    },
    {
      name: 'content of any file',
      corpus: [...zips, ...legacy, ...safetensors, ...arrays, ...pictures('bmp'), ...texts],
      run: async (b) => void contentWords(b, b.length),
    },
    {
      name: 'text of any encoding',
      corpus: texts,
      run: async (b) => void bytesToText(b, 'fuzz'),
    },
    {
      name: 'codecs',
      corpus: texts,
      async run(b) {
        for await (const _ of readCodecs(source(b), { length: 3 }));
      },
    },
    {
      name: 'generate text',
      corpus: [new TextEncoder().encode('H-3\t-1.5\t1 2 3\nP-3\t-0.5 -1 -2.25\n'), ...texts],
      run: async (b) => void (await readGenerateText(source(b), { length: 3 })),
    },
    {
      name: 'event file',
      corpus: [eventFile([1, 2, 3].map((step) => ({ step, values: [['loss', step]] })))],
      run: async (b) => void (await readEventFiles([source(b)])),
    },
    {
      // Without its checksum, which no mutated record would pass.
      name: 'event',
      corpus: [eventMessage({ step: 300, values: [['valid/loss', 2.5]] })],
      run: async (b) => void (await readEventFiles([source(concat(eventFile([]), record(b)))])),
    },
    {
      name: 'train.log',
      corpus: [new TextEncoder().encode('[x][INFO] - {"epoch": 1, "loss": "8.2", "num_updates": "100"}\n')],
      run: async (b) => void (await readTrainLog(source(b))),
    },
  ]
}
