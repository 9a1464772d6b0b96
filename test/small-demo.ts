// The demo with fewer pictures: what encodes them all does the same work on a third of them.
import { cpSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Taken for the demo by the tests' processes (DIGIT_DEMO). */
export const SMALL_DEMO = 'out/test-demo'
const DEMO = 'resources/demo'
/** Pictures of each class. */
const EACH = 10

/** Makes it where it is missing or of another demo. */
export default function setup(): void {
  const wanted = smallDemo()
  if (described(SMALL_DEMO, filesIn(SMALL_DEMO)) === described(DEMO, wanted)) return
  const made = `${SMALL_DEMO}.${process.pid}`
  for (const name of wanted) {
    mkdirSync(dirname(join(made, name)), { recursive: true })
    linkOrCopy(join(DEMO, name), join(made, name))
  }
  rmSync(SMALL_DEMO, { recursive: true, force: true })
  renameSync(made, SMALL_DEMO)
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
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
  } catch {
    return []
  }
}

/** Names, sizes and times: another demo has others. */
const described = (folder: string, names: readonly string[]): string =>
  names
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name))
      return `${name} ${size} ${mtimeMs}`
    })
    .join('\n')

/** A second name for the file, where the file system has such. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to, { preserveTimestamps: true })
  }
}
