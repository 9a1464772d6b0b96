// A small text file -> a VQGAN's yaml or a list of class names, if it is one.
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { unknown, type Identity } from './identify.ts'

/** Both kinds are a few kilobytes; 1000 long class names stay below 100. */
const MAX_TEXT_BYTES = 2 ** 20
const positive = z.number().int().min(1)

/** The part of a taming-transformers yaml that decides what fits. */
const DdconfigSchema = z.looseObject({
  ch: positive,
  ch_mult: z.array(positive).min(1),
  resolution: positive,
})
const ParamsSchema = z.looseObject({
  ddconfig: DdconfigSchema,
  n_embed: positive.optional(),
  embed_dim: positive.optional(),
})
/** taming-transformers nests it under `model`; trimmed files start anywhere above ddconfig. */
const VqganYamlSchema = z.union([
  z.object({ model: z.object({ params: ParamsSchema }) }).transform(({ model }) => model.params),
  z.object({ params: ParamsSchema }).transform(({ params }) => params),
  ParamsSchema,
])

/** A list of names, or of rows with names, in the order of the class ids. */
const ClassNamesSchema = z.union([
  z.array(z.string()).min(1),
  z
    .array(z.looseObject({ name: z.string() }))
    .min(1)
    .transform((rows) => rows.map(({ name }) => name)),
])

export const isText = (path: string): boolean => /^\.(yaml|yml|json)$/i.test(extname(path))

/** Undefined for text that is something else. Throws FormatError's kin for text that cannot be read. */
export async function identifyText(path: string, size: number): Promise<Identity | undefined> {
  if (size > MAX_TEXT_BYTES) return undefined
  const text = await readFile(path, 'utf8')
  if (extname(path).toLowerCase() === '.json') return identifyClasses(path, text)
  return /\bddconfig\b/.test(text) ? identifyVqganYaml(text) : undefined
}

function identifyVqganYaml(text: string): Identity {
  const result = VqganYamlSchema.safeParse(parse(text))
  if (!result.success) return unknown('a yaml with a ddconfig, but without its ch, ch_mult or resolution')
  const { ddconfig, n_embed, embed_dim } = result.data
  const { ch, ch_mult, resolution } = ddconfig
  return {
    kind: 'vqgan-config',
    prefix: '',
    summary: `VQGAN yaml, ${resolution} px, ${n_embed ?? '?'} codes of ${embed_dim ?? '?'} dimensions, channels ${ch} x [${ch_mult.join(', ')}]`,
    facts: {
      resolution,
      channels: ch,
      levels: ch_mult.length,
      ...(n_embed === undefined ? {} : { codes: n_embed }),
      ...(embed_dim === undefined ? {} : { width: embed_dim }),
    },
  }
}

function identifyClasses(path: string, text: string): Identity | undefined {
  if (!/class|label|name/i.test(basename(path))) return undefined
  const names = parseClassNames(text)
  if (!names) return undefined
  const summary = `class names, ${names.length} (${names.slice(0, 3).join(', ')} ...)`
  return { kind: 'classes', prefix: '', summary, facts: { count: names.length } }
}

/** Names in the order of their ids; undefined when the text is no such list. */
export function parseClassNames(text: string): string[] | undefined {
  const result = ClassNamesSchema.safeParse(JSON.parse(text))
  return result.success ? result.data : undefined
}
