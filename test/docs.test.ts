// Documentation that keeps up: links and pictures resolve, and every path named in backticks exists.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Markdown of the repository, by path from its root. `tools` is written for those who train the demo. */
const PAGES = ['README.md', 'CHANGELOG.md', 'resources/demo/README.md', ...markdownIn('docs')]
/** What a path in backticks starts with; paths of a workspace or of a user's models start otherwise. */
const ROOTS = /^(src|test|scripts|docs|tools|resources)\//
/** Folders that stand for any one of their kind: `src/renderer/state/PAGE`. */
const PLACEHOLDER = /[A-Z]{4,}/
const MAX_README_LINES = 120
const MAX_PICTURE_BYTES = 150_000
const MAX_PICTURES_BYTES = 1_200_000

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(page, 'utf8')

  it('links to files and headings that exist', () => {
    expect(linksOf(text).filter((link) => !resolves(page, link))).toEqual([])
  })

  it('names paths that exist', () => {
    const paths = pathsOf(text)
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })
})

it('the README stays short', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThan(MAX_README_LINES)
})

it('the architecture page shows every room and every folder of shared', () => {
  const text = readFileSync('docs/architecture.md', 'utf8')
  const missing = [...foldersIn('src/engine'), ...foldersIn('src/shared')].filter(
    (name) => !text.includes(`\`${name}/\``),
  )
  expect(missing).toEqual([])
})

it('pictures are small, and each is shown', () => {
  if (!existsSync('docs/pictures')) return
  const all = PAGES.map((page) => readFileSync(page, 'utf8')).join('\n')
  const names = readdirSync('docs/pictures')
  const sizes = names.map((name) => statSync(join('docs/pictures', name)).size)
  expect(names.filter((_, i) => sizes[i]! > MAX_PICTURE_BYTES)).toEqual([])
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_PICTURES_BYTES)
  expect(names.filter((name) => !all.includes(`pictures/${name}`))).toEqual([])
})

function markdownIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort()
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/** Targets of links and pictures. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
}

function resolves(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return true
  const [path = '', heading] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(file)) return false
  return heading === undefined || headingsOf(file).includes(heading)
}

/** Headings as GitHub names them in addresses. */
function headingsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  )
}

/** Paths of this repository in backticks. */
function pathsOf(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => ROOTS.test(path) && !PLACEHOLDER.test(path) && !/[*<{]/.test(path))
}

describe('docs/guides/troubleshooting.md', () => {
  /** Messages of npm and onnxruntime, which are not in the sources. */
  const FOREIGN = [
    'EBADENGINE',
    'EADDRINUSE',
    'External data path escapes model directory',
    'Failed to load shared library',
  ]

  it('names messages that the program has', () => {
    const sources = ['src', 'scripts'].flatMap(textsIn).join('\n').replace(/\s+/g, ' ')
    const rows = readFileSync('docs/guides/troubleshooting.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'))
    const messages = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, message]) => message!),
    )
    const parts = messages
      .flatMap((message) => message.split('...'))
      .map((part) => part.replace(/^[^\w-]+|[^\w.]+$/g, ''))
      .filter((part) => part.length > 2)
    expect(parts.length).toBeGreaterThan(20)
    expect(parts.filter((part) => !FOREIGN.includes(part) && !sources.includes(part))).toEqual([])
  })
})

function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue|mjs)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}

describe('docs/tutorial.md', () => {
  it('names buttons and fields that the page has', () => {
    const page = ['src/renderer', 'src/shared']
      .flatMap(textsIn)
      .map((text) => text.replace(/<[^>]*>/g, '').replace(/&nbsp;/g, ' '))
      .join('\n')
      .replace(/\s+/g, ' ')
    const named = [...readFileSync('docs/tutorial.md', 'utf8').matchAll(/\*\*([^*]+)\*\*/g)].flatMap(
      ([, words]) => words!.replace(/\s+/g, ' ').split(/ ?\d+ ?/),
    )
    expect(named.filter((words) => !page.includes(words))).toEqual([])
  })
})
