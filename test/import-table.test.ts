// The import table of the architecture, enforced: every import under src/, types and dynamic ones included.
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const SRC = resolve('src')
/** The rooms of the engine in the order of data flow: a room may import only those above it, and only those it names. */
const FORMATS = ['bytes', 'checkpoint', 'graph', 'models', 'session', 'tokens', 'images', 'metrics']
const JOINED = ['model-set', 'devices', 'records', 'tokenizer', 'decoding']
const engine = (rooms: readonly string[]) => rooms.map((room) => `engine/${room}`)

/** Folder -> folders it may import besides itself; `types:` marks those whose types alone it may use. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  'engine/bytes': ['shared'],
  'engine/checkpoint': [...engine(['bytes']), 'shared'],
  'engine/graph': [...engine(['bytes']), 'shared'],
  'engine/models': [...engine(['graph']), 'types:engine/checkpoint', 'shared'],
  'engine/session': ['shared'],
  'engine/tokens': [...engine(['bytes']), 'shared'],
  'engine/images': [...engine(['bytes']), 'shared'],
  'engine/metrics': ['shared'],
  'engine/logs': [...engine(['bytes']), 'shared'],
  'engine/figures': [...engine(['images']), 'shared'],
  // Quantized weights bring the nodes that multiply by them, and depend on the device.
  'engine/model-set': [
    ...engine(['bytes', 'checkpoint', 'models']),
    ...engine(['graph', 'session']).map((room) => `types:${room}`),
    'shared',
  ],
  'engine/devices': [...engine(['graph', 'session', 'metrics']), 'shared'],
  'engine/records': [...engine(['bytes', 'tokens', 'images']), 'shared'],
  'engine/tokenizer': [...engine([...FORMATS, 'model-set', 'devices']), 'shared'],
  'engine/decoding': [...engine([...FORMATS, 'model-set', 'devices', 'records']), 'shared'],
  'engine/runs': [...engine([...FORMATS, ...JOINED]), 'shared'],
  'engine/slurm': [...engine(['bytes', 'devices', 'records', 'runs']), 'shared'],
  'engine/paper': [...engine([...FORMATS, 'figures', ...JOINED, 'runs']), 'shared'],
  'engine/workspace': [...engine([...FORMATS, 'logs', ...JOINED, 'runs']), 'shared'],
  'engine/inspect': [...engine([...FORMATS, ...JOINED, 'runs', 'workspace']), 'shared'],
  'engine/api': [
    ...engine(['bytes', 'tokens', ...JOINED, 'runs', 'slurm', 'paper', 'workspace', 'inspect']),
    ...engine([...FORMATS, 'logs', 'figures']).map((room) => `types:${room}`),
    'shared',
  ],
  // Commands that need no engine in memory call the recipe or the writer itself.
  cli: [...engine(['api', 'paper', 'records', 'runs', 'slurm']), 'shared'],
  main: ['shared'],
  preload: ['types:shared'],
  renderer: ['shared'],
}

/** Package -> the folders that may import it. A package that is not here may not be imported at all. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  zod: ['shared', ...engine(['model-set', 'records', 'workspace', 'runs', 'slurm'])],
  yauzl: ['engine/bytes'],
  yazl: ['engine/bytes'],
  hyparquet: ['engine/bytes'],
  'hyparquet-writer': ['engine/bytes'],
  'umap-js': ['engine/tokens'],
  yaml: ['engine/models'],
  sharp: ['engine/images'],
  'dejavu-fonts-ttf': ['engine/images'],
  'onnxruntime-node': ['engine/session'],
  commander: ['cli'],
  'cli-progress': ['cli'],
  electron: ['main', 'preload'],
  ws: ['cli'],
  vue: ['renderer'],
  'reka-ui': ['renderer'],
  '@tanstack/vue-virtual': ['renderer'],
  '@fontsource-variable/inter': ['renderer'],
  echarts: ['types:shared', 'renderer'],
}
const WITHOUT_NODE = ['shared', 'renderer']

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const imports = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|vue)$/.test(name))
  .flatMap((name) => importsOf(join(SRC, name)))

describe('the import table', () => {
  it('knows every folder', () => {
    const unknown = new Set(imports.map(({ from }) => folderOf(from)).filter((folder) => !(folder in TABLE)))
    expect([...unknown]).toEqual([])
  })

  it('is kept between folders', () => {
    const broken = imports.filter(({ from, to, typeOnly }) => {
      if (!to.startsWith(SRC)) return isAbsolute(to)
      const [here, there] = [folderOf(from), folderOf(to)]
      return here !== there && !allows(TABLE[here], there, typeOnly)
    })
    expect(broken.map(sentence)).toEqual([])
  })

  it('is kept for packages', () => {
    const broken = imports.filter(({ from, to, typeOnly }) => {
      if (isAbsolute(to)) return false
      if (isBuiltin(to)) return WITHOUT_NODE.includes(folderOf(from))
      return !allows(PACKAGES[packageOf(to)], folderOf(from), typeOnly)
    })
    expect(broken.map(sentence)).toEqual([])
  })

  it('names each file with its extension', () => {
    const bare = imports.filter(({ to }) => isAbsolute(to) && !/\.(ts|vue|json|css)$/.test(to))
    expect(bare.map(sentence)).toEqual([])
  })
})

it('there are no import cycles', () => {
  const graph = new Map<string, string[]>()
  for (const { from, to } of imports) graph.set(from, [...(graph.get(from) ?? []), to])
  const done = new Set<string>()
  const path: string[] = []
  const cycles: string[] = []
  const visit = (file: string) => {
    if (path.includes(file))
      cycles.push([...path.slice(path.indexOf(file)), file].map((f) => relative(SRC, f)).join(' -> '))
    if (path.includes(file) || done.has(file)) return
    path.push(file)
    for (const to of graph.get(file) ?? []) visit(to)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  expect(cycles).toEqual([])
})

function allows(list: readonly string[] | undefined, folder: string, typeOnly: boolean): boolean {
  return Boolean(list?.includes(folder) || (typeOnly && list?.includes(`types:${folder}`)))
}

/** `engine/bytes` for a room of the engine, `cli` for anything else. */
function folderOf(file: string): string {
  const parts = relative(SRC, file).split(/[\\/]/)
  return parts[0] === 'engine' ? `engine/${parts[1]}` : parts[0]!
}

const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

const sentence = ({ from, to, typeOnly }: Import) =>
  `${relative(SRC, from)} imports ${typeOnly ? 'types of ' : ''}${isAbsolute(to) ? relative(SRC, to) : to}`

/** Every way of naming a module: import, export from, import(), require() and import('...') types. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const script = file.endsWith('.vue') ? (/<script[^>]*>([^]*?)<\/script>/.exec(text)?.[1] ?? '') : text
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return
    const name = specifier.text
    found.push({ from: file, to: name.startsWith('.') ? resolve(dirname(file), name) : name, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node)) add((node.argument as ts.LiteralTypeNode).literal, true)
    else if (ts.isCallExpression(node)) {
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require'
      if (isRequire || node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, script, ts.ScriptTarget.Latest))
  return found
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  const named =
    clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : []
  return (
    clause.isTypeOnly || (!clause.name && named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly))
  )
}
