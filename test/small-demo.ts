// The demo with fewer pictures and layers: the same work, in a fraction of the time.
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { shallowTransformer } from './shallow-model.ts'

/** Taken for the demo by the tests' processes (DIGIT_DEMO). */
export const SMALL_DEMO = 'out/test-demo'
const DEMO = 'resources/demo'
const NOTE = `${SMALL_DEMO}.json`
/** Pictures of each class. */
const EACH = 6

/** Layers that are kept of each transformer; the encoder stays whole, since the codebook belongs to one of its blocks. */
const LAYERS: Readonly<Record<string, (path: string) => Promise<Uint8Array>>> = {
  'outputs/demo_stage1/checkpoints/checkpoint_last.pt': (path) => shallowTransformer(path, 1),
  'outputs/demo_stage1_cls/checkpoints/checkpoint_last.pt': (path) => shallowTransformer(path, 1),
  'outputs/demo_stage2/checkpoints/checkpoint_last.pt': (path) => shallowTransformer(path, 1),
  'outputs/demo_stage2_nar/checkpoints/checkpoint_last.pt': (path) => shallowTransformer(path, 1),
}

/** Makes it where it is missing or of another demo. */
export default async function setup(): Promise<void> {
  const wanted = smallDemo()
  const description = described(wanted)
  if (existsSync(NOTE) && readFileSync(NOTE, 'utf8') === description) return
  rmSync(NOTE, { force: true })
  const made = `${SMALL_DEMO}.${process.pid}`
  for (const name of wanted) {
    const shallow = LAYERS[name]
    mkdirSync(dirname(join(made, name)), { recursive: true })
    if (shallow) writeFileSync(join(made, name), await shallow(join(DEMO, name)))
    else linkOrCopy(join(DEMO, name), join(made, name))
  }
  rmSync(SMALL_DEMO, { recursive: true, force: true })
  renameSync(made, SMALL_DEMO)
  writeFileSync(NOTE, description)
}

/** Names of the demo's files, but of each folder of pictures only some, from all over it. */
function smallDemo(): string[] {
  const all = filesIn(DEMO)
  const isPicture = (name: string) => name.startsWith('images/')
  const folders = new Set(all.filter(isPicture).map((name) => dirname(name)))
  const some = [...folders].flatMap((folder) => {
    const names = all.filter((name) => dirname(name) === folder)
    const stepOf = (i: number) => Math.floor((i * EACH) / names.length)
    return names.filter((_, i) => stepOf(i) > stepOf(i - 1))
  })
  return [...all.filter((name) => !isPicture(name)), ...some].sort()
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
}

/** Names, sizes and times of the files behind it, and what is made of them: another demo has others. */
const described = (names: readonly string[]): string =>
  JSON.stringify([
    EACH,
    Object.entries(LAYERS).map(([name, shallow]) => [name, shallow.toString()]),
    names.map((name) => {
      const { size, mtimeMs } = statSync(join(DEMO, name))
      return [name, size, mtimeMs]
    }),
  ])

/** A second name for the file, where the file system has such. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to, { preserveTimestamps: true })
  }
}
