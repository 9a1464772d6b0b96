// A project to package for another machine: this one's files, its own packages alone, and of the image codec what npm would
// install there. Files are linked, not copied, where the disk allows that.
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { SMALL_DEMO } from '../small-demo.ts'

const PROJECT = [
  'package.json',
  'package-lock.json',
  'electron-builder.yml',
  'out/main',
  'out/preload',
  'out/renderer',
  'resources/icon',
  'resources/imagenet-classes.json',
  'scripts/package',
  'scripts/start',
]

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly dev?: true; readonly optional?: true }>
  >
}

/** @param machine `win32-x64` */
export function standInProject(folder: string, machine: string): string {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
  const carried = Object.entries(packages).filter(([name, { dev }]) => name !== '' && !dev)
  for (const [name, { version, optional }] of carried)
    if (!optional) linkAll(name, join(folder, name))
    else if (new RegExp(`@img/sharp-(libvips-)?${machine}$`).test(name)) putBinary(folder, name, version)
  for (const name of PROJECT) linkAll(name, join(folder, name))
  linkAll(SMALL_DEMO, join(folder, 'resources/demo'))
  return folder
}

/** The real package where this machine has it; else one of its name, version and layout. */
function putBinary(folder: string, name: string, version: string): void {
  if (statSync(name, { throwIfNoEntry: false })) return linkAll(name, join(folder, name))
  const short = name.replace('node_modules/@img/', '')
  mkdirSync(join(folder, name, 'lib'), { recursive: true })
  writeFileSync(join(folder, name, 'package.json'), JSON.stringify({ name: `@img/${short}`, version }))
  writeFileSync(join(folder, name, `lib/${short}-${version}.node`), short)
}

function linkAll(from: string, to: string): void {
  if (statSync(from).isDirectory())
    for (const { name } of readdirSync(from, { withFileTypes: true }))
      linkAll(join(from, name), join(to, name))
  else {
    mkdirSync(dirname(to), { recursive: true })
    try {
      linkSync(from, to)
    } catch {
      copyFileSync(from, to)
    }
  }
}
