// A small text file -> a VQGAN's yaml or a list of class names, if it is one.
import { basename, extname } from 'node:path'
import * as z from 'zod'
import { readTextFile } from '../bytes/index.ts'
import { isTamingVqganYaml, tamingSizesFromYaml, vqganConfigFromYaml } from '../models/vqgan-config.ts'
import { vqganFacts, vqganSummary } from './identify.ts'
import { withoutPath, type Identity } from './identity.ts'
import { parseJson } from '../../shared/plain-json.ts'

/** Both kinds are a few kilobytes; 1000 long class names stay below 100. */
const MAX_TEXT_BYTES = 2 ** 20
/** A list of names, or of rows with names, in the order of the class ids. */
const ClassNamesSchema = z.union([
  z.array(z.string()).min(1),
  z
    .array(z.looseObject({ name: z.string() }))
    .min(1)
    .transform((rows) => rows.map(({ name }) => name)),
])

const CLASSES_NAME = /class|label|name/i

export const isText = (path: string): boolean => /^\.(yaml|yml|json)$/i.test(extname(path))

/** Undefined for text that is something else. Throws for text that cannot be read. */
export async function identifyText(path: string, size: number): Promise<Identity | undefined> {
  if (size > MAX_TEXT_BYTES) return undefined
  const isJson = extname(path).toLowerCase() === '.json'
  if (isJson && !CLASSES_NAME.test(basename(path))) return undefined
  const text = await readTextFile(path)
  if (isJson) return identifyClasses(text)
  if (/\btransformer_config\b/.test(text)) return identifyGptYaml(path, text)
  return /\bddconfig\b/.test(text) ? identifyVqganYaml(path, text) : undefined
}

function identifyVqganYaml(path: string, text: string): Identity {
  try {
    // Its sizes are in the tensors, and its number of groups is constant.
    if (isTamingVqganYaml(text, path))
      return { kind: 'generator-config', prefix: '', summary: 'configuration of a taming VQGAN', facts: {} }
    const config = vqganConfigFromYaml(text, path)
    const summary = `VQGAN yaml, ${vqganSummary(config)}`
    return { kind: 'vqgan-config', prefix: '', summary, facts: vqganFacts(config) }
  } catch (error) {
    const problem = withoutPath(error, path)
    return { kind: 'vqgan-config', prefix: '', summary: 'VQGAN yaml', facts: {}, problem }
  }
}

/** The configuration of a GPT of taming-transformers, which has the number of its heads. */
function identifyGptYaml(path: string, text: string): Identity {
  try {
    const { dim, layers, heads } = tamingSizesFromYaml(text, path)
    const summary = `configuration of a GPT (taming), ${dim} wide, ${layers} layers, ${heads} heads`
    return {
      kind: 'generator-config',
      prefix: '',
      summary,
      facts: { family: 'taming', width: dim, layers, heads },
    }
  } catch (error) {
    const problem = withoutPath(error, path)
    return {
      kind: 'generator-config',
      prefix: '',
      summary: 'configuration of a GPT (taming)',
      facts: {},
      problem,
    }
  }
}

function identifyClasses(text: string): Identity | undefined {
  const names = parseClassNames(text)
  if (!names) return undefined
  const summary = `class names, ${names.length} (${names.slice(0, 3).join(', ')} ...)`
  return { kind: 'classes', prefix: '', summary, facts: { count: names.length } }
}

/** Names in the order of their ids; undefined if the text is not such a list. */
export function parseClassNames(text: string): string[] | undefined {
  const result = ClassNamesSchema.safeParse(parseJson(text))
  return result.success ? result.data : undefined
}
