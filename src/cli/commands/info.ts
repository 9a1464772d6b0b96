// `digit info`: what files contain, which fit together, what is missing.
import { relative } from 'node:path'
import { Command } from 'commander'
import { createEngine } from '../../engine/api/index.ts'
import {
  MODEL_ROLES,
  SHARED_ROLES,
  type FileContents,
  type ModelFile,
  type ModelSet,
} from '../../shared/models/models.ts'
import { commandNeeds } from '../../shared/models/needs.ts'
import { printable } from '../../shared/printable.ts'
import { addModelOptions, modelPath, type ModelFlags } from '../options.ts'
import { tell } from '../result.ts'
import { table } from '../table.ts'

interface InfoFlags extends ModelFlags {
  readonly tensors?: boolean
  readonly data?: boolean
}

const HASH_DIGITS = 12
/** Exit code if there is none that can be used. */
const NO_MODELS = 1

export function infoCommand(): Command {
  const command = new Command('info')
    .description(
      'Show what model files contain, which fit together, and what each command needs. Nothing in them is executed.',
    )
    .argument('[path...]', 'files or folders (default: --model)')
  return addModelOptions(command)
    .option('--tensors', 'list every tensor')
    .option('--data', 'show everything else in the files: configuration, training state')
    .addHelpText('after', EXAMPLES)
    .action(info)
}

const EXAMPLES = `
Examples:
  digit info ~/DiGIT
  digit info checkpoint_last.pt --tensors
  digit info ~/DiGIT --use codebook=other/km_8k.npy --json`

async function info(paths: string[], flags: InfoFlags): Promise<void> {
  const { api } = createEngine()
  const asked = paths.length > 0 ? paths : [modelPath(flags)]
  const modelSet = await api.importModels(asked, flags.use)
  const opened: FileContents[] = []
  for (const path of pathsToOpen(modelSet, asked.length, flags))
    opened.push(await api.readFile(path).catch((error: Error) => unreadable(path, error)))
  // The contents of a file are an answer too, whatever it is.
  const isAnswer = ({ tensors, data }: FileContents) => tensors.length > 0 || data !== ''
  if (!opened.some(isAnswer) && !modelSet.files.some(isModel)) process.exitCode = NO_MODELS
  const sections = [
    filesText(modelSet),
    problemsText(modelSet),
    setText(modelSet),
    generatorsText(modelSet),
    commandsText(modelSet),
    modelSet.notes.map((note) => `- ${note}`).join('\n'),
  ]
  for (const contents of opened) sections.push(contentsText(contents, flags))
  const all = { ...modelSet, commands: commandNeeds(modelSet) }
  tell(
    sections.filter(Boolean).map(printableLines).join('\n\n'),
    opened.length > 0 ? { ...all, contents: opened } : all,
  )
}

/** Checkpoints to list in full: all of them with a flag, otherwise a single unknown file given by name. */
function pathsToOpen({ files }: ModelSet, asked: number, { tensors, data }: InfoFlags): string[] {
  const isCheckpoint = ({ kind }: ModelFile) => kind !== 'vqgan-config' && kind !== 'classes'
  const [only] = files
  const lone = asked === 1 && files.length === 1 && only?.kind === 'unknown'
  return tensors || data || lone ? [...new Set(files.filter(isCheckpoint).map(({ path }) => path))] : []
}

/** One row per file; further models inside a file are listed after its own summary. */
function filesText({ files }: ModelSet): string {
  if (files.length === 0) return ''
  const rows = files
    .filter(({ facts }) => !facts.carried)
    .map((file) => {
      const isFirst = file.versions === undefined || file.versions[0] === file.prefix
      const carried = files.filter(({ path, facts }) => isFirst && path === file.path && facts.carried)
      const carries = carried.length > 0 ? `; contains ${carried.map(({ kind }) => kind).join(', ')}` : ''
      const tensors = carried.reduce(
        (sum, { facts }) => sum + Number(facts.tensors),
        Number(file.facts.tensors),
      )
      return [
        file.summary + carries + (file.problem ? ' (cannot be used)' : ''),
        tensors > 0 ? String(tensors) : '',
        bytesText(file.bytes),
        file.sha256.slice(0, HASH_DIGITS),
        modelName(file),
      ]
    })
  return table(['what', 'tensors', 'size', 'sha256', 'file'], rows)
}

/** One line per model that cannot be used, also for those inside other files. */
const problemsText = ({ files }: ModelSet): string =>
  files
    .flatMap((file) => (file.problem === undefined ? [] : [`! ${fullName(file)}: ${file.problem}`]))
    .join('\n')

function setText({ files, set }: ModelSet): string {
  const rows = MODEL_ROLES.flatMap((role) => {
    const file = files.find(({ id }) => id === set[role])
    return file ? [[role, fullName(file)]] : []
  })
  return rows.length === 0 ? '' : table(['role', 'file'], rows)
}

/** Generators of other families, each with its tokenizer. */
function generatorsText({ files, generators }: ModelSet): string {
  if (generators.length === 0) return ''
  const nameOf = (id: string | undefined) => {
    const file = files.find((file) => file.id === id)
    return file ? fullName(file) : '-'
  }
  const rows = generators.map(({ family, generator, tokenizer, lacks }) => [
    family,
    nameOf(generator),
    nameOf(tokenizer),
    lacks === undefined ? '-' : 'a part of it, see below',
  ])
  return table(['generator', 'file', 'tokenizer', 'lacks'], rows)
}

/** What each command needs of the models, and lacks; empty without models of DiGIT. */
function commandsText(modelSet: ModelSet): string {
  const { files, generators, set } = modelSet
  const isOther = generators.length > 0 && Object.keys(set).every((role) => SHARED_ROLES.has(role))
  if (!files.some(isModel) || isOther) return ''
  const rows = commandNeeds(modelSet).map(({ command, needs, lacks }) => [
    command,
    needs.join(', '),
    lacks.length > 0 ? lacks.join(', ') : '-',
  ])
  return table(['command', 'needs', 'lacks'], rows)
}

const isModel = ({ kind, problem }: ModelFile) => kind !== 'unknown' && problem === undefined

function contentsText({ path, format, tensors, data }: FileContents, flags: InfoFlags): string {
  const parts = [`${shortPath(path)}: ${format}, ${tensors.length} tensors`]
  const rows = tensors.map(({ name, dtype, shape, problem }) => [
    name,
    dtype,
    problem ?? `[${shape.join(', ')}]`,
  ])
  if (rows.length > 0 && (flags.tensors || !flags.data)) parts.push(table(['tensor', 'type', 'shape'], rows))
  if (data && (flags.data || !flags.tensors)) parts.push(data)
  return parts.join('\n')
}

const unreadable = (path: string, error: Error): FileContents => ({
  path,
  format: `cannot be read (${error.message})`,
  tensors: [],
  data: '',
})

/** The relative path if it is shorter. */
function shortPath(path: string): string {
  const near = relative('', path)
  return near.length < path.length ? near || '.' : path
}

/** As `--use` takes it: the file, and the prefix where the file has several models of this kind. */
const modelName = ({ path, prefix, versions }: ModelFile): string =>
  shortPath(path) + (versions ? `#${prefix}` : '')

/** The same, with the prefix of a model inside another file. */
const fullName = (file: ModelFile): string =>
  modelName(file) + (file.facts.carried && !file.versions ? ` (${file.prefix})` : '')

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

const printableLines = (text: string) => text.split('\n').map(printable).join('\n')
