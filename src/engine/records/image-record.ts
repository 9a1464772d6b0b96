// The record of a finished image in the text chunks of its PNG: the recipe, all token layers, every draw. Keywords:
// `digit` is compact JSON with the recipe and `layers` by name, of any number and size, in the order of sampling: base64
// tokens and, if some were pinned, one bit per cell.
// `digit-draws` has the record of each draw. `parameters` is for other viewers.
import * as z from 'zod'
import { FormatError } from '../../shared/errors.ts'
import { FAMILIES, FAMILY_NAMES, settingWords, type FamilyName } from '../../shared/generators/families.ts'
import { GeneratorSettingsSchema, type GeneratorSettings } from '../../shared/generators/settings.ts'
import { LAYER_NAME, tokenArray, type GridName } from '../../shared/grid/layout.ts'
import { shortHash } from '../../shared/models/model-hash.ts'
import { printable } from '../../shared/printable.ts'
import { presentNames } from '../../shared/run/earlier-names.ts'
import {
  ImageNumberSchema,
  MaskedDecodingSchema,
  SamplingSchema,
  type MaskedDecoding,
  type Sampling,
} from '../../shared/run/run.ts'
import { readPngText } from '../images/index.ts'
import { checkedData } from './json-file.ts'
import { finestCodes, isDrawn, type DrawnGrid, type TokenGrid, type TokenLayers } from '../tokens/grid.ts'
import { parseJson } from '../../shared/plain-json.ts'

export const RECORD_SCHEMA = 2

export interface StageRecipe {
  readonly kind: string
  readonly sha256: string
  readonly sampling: Sampling
  readonly masked?: MaskedDecoding
}

/** A generator of another family, and every setting that it drew with. */
export interface GeneratorRecipe {
  readonly family: FamilyName
  readonly sha256: string
  /** Sizes that no tensor says. */
  readonly heads?: number
  readonly side?: number
  readonly settings: GeneratorSettings
}

/** Everything that determines the pixels of the images of a run. Equal recipes give equal images. */
export interface Recipe {
  readonly seed: number
  readonly stage1?: StageRecipe
  readonly stage2?: StageRecipe
  /** Instead of the stages. */
  readonly generator?: GeneratorRecipe
  readonly encoder?: string
  readonly codebook?: string
  readonly vqgan: string
  /** If `vqgan` is the tokenizer of another generator, used without one. */
  readonly tokenizer?: { readonly kind: string; readonly side?: number }
  readonly weightBits: number
  /** Devices round differently, which can change the outcome of a near-tie. */
  readonly provider: string
  /** Inputs other than the seed: sha256 of token files, or of the list of pictures. */
  readonly sources?: readonly string[]
  /** sha256 of the pinned tokens. */
  readonly pinned?: string
  /** The stage that samples every image with the random numbers of image 0, or image i of noise[i mod length]. */
  readonly commonNoise?: 'stage1' | 'stage2'
  readonly noise?: readonly number[]
  /** Image i of stage1Noise[i mod length] in stage 1, while stage 2 has common noise. */
  readonly stage1Noise?: readonly number[]
}

/** Entries of the codebook of each token layer: the K of K-Means, and that of the VQGAN. Absent in records of 0.1. */
export type Codebooks = Readonly<Partial<Record<GridName, number>>>

/** The source picture of an image. */
export interface SourcePicture {
  /** Name for display. */
  readonly name: string
  /** Of the file. */
  readonly sha256: string
}

/** One image of a run, made or to be made. */
export interface ImageJob {
  /** Its number in the run, which determines its random stream and file name. */
  readonly image: number
  /** Class for a class-conditional stage 1. */
  readonly class?: number
  /** The image that its pinned tokens come from. */
  readonly from?: { readonly run: string; readonly image: number }
  readonly source?: SourcePicture
}

export interface ImageRecord extends ImageJob {
  readonly app: string
  readonly recipe: Recipe
  /** Beside the recipe, which is compared whole with those of earlier versions. */
  readonly codebooks?: Codebooks
  /** Discriminative tokens, if the image has them. */
  readonly discriminative?: TokenGrid
  /** What the picture is made from; the finest of several scales. */
  readonly codes: TokenGrid
  /** All scales by name, from coarse to fine, if there are several; `codes` is the last of them. */
  readonly scales?: TokenLayers
  /** Discriminative tokens of the finished image, if it was encoded again. */
  readonly drifted?: Int32Array
}

const text = z.string()
const stageRecipe = z.looseObject({
  kind: text,
  sha256: text,
  sampling: SamplingSchema,
  masked: MaskedDecodingSchema.exactOptional(),
})

const generatorRecipe = z.looseObject({
  family: z.enum(FAMILY_NAMES),
  sha256: text,
  heads: z.number().exactOptional(),
  side: z.number().exactOptional(),
  settings: GeneratorSettingsSchema,
})

/** Unknown fields stay: recipes are compared whole. */
export const RecipeSchema: z.ZodType<Recipe> = z.looseObject({
  seed: z.number(),
  stage1: stageRecipe.exactOptional(),
  stage2: stageRecipe.exactOptional(),
  generator: generatorRecipe.exactOptional(),
  encoder: text.exactOptional(),
  codebook: text.exactOptional(),
  vqgan: text,
  tokenizer: z.looseObject({ kind: text, side: z.number().exactOptional() }).exactOptional(),
  weightBits: z.number(),
  provider: text,
  sources: z.array(text).exactOptional(),
  pinned: text.exactOptional(),
  commonNoise: z.enum(['stage1', 'stage2']).exactOptional(),
  noise: z.array(ImageNumberSchema).readonly().exactOptional(),
  stage1Noise: z.array(ImageNumberSchema).readonly().exactOptional(),
})

export const CodebooksSchema: z.ZodType<Codebooks> = z.object({
  discriminative: z.number().int().exactOptional(),
  codes: z.number().int().exactOptional(),
})

/** The token layers of an image by name, in the order of sampling. */
export function layersOf({ discriminative, codes, scales }: ImageGrids): TokenLayers {
  return { ...(discriminative ? { discriminative } : {}), ...(scales ?? { codes }) }
}

/** The fields of a record for its layers. */
export function gridsOf(layers: TokenLayers): ImageGrids {
  const { discriminative, ...others } = layers
  return {
    ...(discriminative ? { discriminative } : {}),
    codes: finestCodes(layers),
    ...(others.codes ? {} : { scales: others }),
  }
}

type ImageGrids = Pick<ImageRecord, 'discriminative' | 'codes' | 'scales'>
type AboutImage = Pick<ImageRecord, 'image' | 'class' | 'from' | 'source' | 'app' | 'recipe' | 'codebooks'>
/** The record without its grids, which are checked as they are decoded. */
const AboutImageSchema: z.ZodType<AboutImage> = z.object({
  image: ImageNumberSchema,
  class: z.number().int().min(0).exactOptional(),
  from: z.object({ run: text, image: ImageNumberSchema }).exactOptional(),
  source: z.object({ name: text, sha256: text }).exactOptional(),
  app: text,
  recipe: RecipeSchema,
  codebooks: CodebooksSchema.exactOptional(),
})

/** A layer as JSON; every array in base64, little-endian. */
interface LayerJson {
  /** Bits of a token and of a rank: 16, or 32 if necessary. */
  readonly bits: number
  readonly tokens: string
  /** 1 bit per cell. */
  readonly pinned?: string
}

/** The text chunks of an image. */
export function recordToText(record: ImageRecord): [string, string][] {
  const { discriminative: _, codes: __, scales: ___, drifted, ...rest } = record
  const layers = layersOf(record)
  const byName = <T>(of: (grid: TokenGrid) => T | undefined) =>
    Object.fromEntries(
      Object.entries(layers).flatMap(([name, grid]) => {
        const json = of(grid)
        return json === undefined ? [] : [[name, json]]
      }),
    )
  const json = {
    schema: RECORD_SCHEMA,
    ...rest,
    layers: byName(layerJson),
    ...(drifted ? { drifted: { discriminative: layerJson({ tokens: drifted }) } } : {}),
  }
  return [
    ['digit', JSON.stringify(json)],
    ['digit-draws', JSON.stringify(byName((grid) => (isDrawn(grid) ? drawsOf(grid) : undefined)))],
    ['parameters', parametersText(record)],
  ]
}

/** The record of an image that `digit` made. Throws FormatError for another program's image or a damaged record. */
export function textToRecord(png: Uint8Array, name: string): ImageRecord {
  const text = readPngText(png, name)
  const fail = (problem: string): never => {
    throw new FormatError(name, problem)
  }
  const json = parse(
    text.get('digit') ?? fail('no digit record (not made by this program, or its metadata was removed)'),
    name,
  )
  const draws = parse(text.get('digit-draws') ?? fail('no sampling record'), name)
  if (json.schema !== 1 && json.schema !== RECORD_SCHEMA)
    fail(`unsupported record schema (found ${String(json.schema)}, expected 1 or ${RECORD_SCHEMA})`)
  const { layers, drifted, ...rest } = json.schema === 1 ? fromSchema1(json) : json
  const about = checkedData(rest, AboutImageSchema, `${name}: record`)
  const drawn = json.schema === 1 ? { discriminative: draws.draws1, codes: draws.draws2 } : draws
  const found = Object.entries(object(layers)).filter(([, layer]) => layer !== undefined)
  if (found.length === 0) fail('the digit record has no token layers')
  const odd = found.find(([layer]) => !LAYER_NAME.test(layer))
  if (odd) fail(`the digit record has a layer of another kind of name (found '${printable(odd[0])}')`)
  const redrawn = object(drifted).discriminative
  const grids = Object.fromEntries(
    found.map(([layer, grid]) => [layer, gridOf(grid, (drawn as Json)[layer], name)]),
  )
  return {
    ...about,
    ...gridsOf(grids),
    ...(redrawn === undefined ? {} : { drifted: gridOf(redrawn, undefined, name).tokens }),
  }
}

/** 0.1 had no names for layers: `tokens1` and `given1` were the discriminative tokens, `tokens2` and `given2` the codes. */
function fromSchema1({ tokens1, tokens2, given1, given2, drift1, ...rest }: Json): Json {
  const layer = (tokens: unknown, pinned?: unknown) =>
    tokens === undefined ? undefined : { bits: 16, tokens, ...(pinned === undefined ? {} : { pinned }) }
  return {
    ...(presentNames(rest) as Json),
    layers: { discriminative: layer(tokens1, given1), codes: layer(tokens2, given2) },
    drifted: { discriminative: layer(drift1) },
  }
}

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

function parse(text: string, name: string): Json {
  try {
    const value: unknown = parseJson(text)
    if (typeof value === 'object' && value !== null) return value as Json
  } catch {
    // Reported below with the file name.
  }
  throw new FormatError(name, 'the digit record is not valid JSON')
}

function layerJson(grid: TokenGrid): LayerJson {
  const elements = elementsOf(grid)
  return {
    bits: 8 * elements.BYTES_PER_ELEMENT,
    tokens: toBase64(elements.from(grid.tokens)),
    ...(grid.pinned ? { pinned: toBase64(toBits(grid.pinned)) } : {}),
  }
}

const drawsOf = (grid: DrawnGrid) => ({
  logProbabilities: toBase64(grid.logProbabilities),
  ranks: toBase64(elementsOf(grid).from(grid.ranks)),
  entropies: toBase64(grid.entropies),
  ...(grid.steps ? { steps: toBase64(Uint16Array.from(grid.steps)) } : {}),
})

/** The smallest element type for all tokens and ranks of the grid. */
function elementsOf(grid: TokenGrid) {
  const most = (values: Int32Array) => values.reduce((a, b) => Math.max(a, b), 0)
  return tokenArray(1 + Math.max(most(grid.tokens), isDrawn(grid) ? most(grid.ranks) : 0))
}

function gridOf(layer: unknown, draws: unknown, name: string): TokenGrid {
  const { bits, tokens, pinned } = object(layer)
  const shorts = (value: unknown) => Int32Array.from(new Uint16Array(fromBase64(value, 2, name)))
  const ids = (value: unknown) =>
    bits === 32 ? Int32Array.from(new Uint32Array(fromBase64(value, 4, name))) : shorts(value)
  const floats = (value: unknown) => new Float32Array(fromBase64(value, 4, name))
  const found = ids(tokens)
  const marks = () => {
    const bits = fromBits(new Uint8Array(fromBase64(pinned, 1, name)))
    // The last byte of a grid of other than a multiple of 8 cells has bits to spare.
    return bits.length - found.length < 8 ? bits.slice(0, found.length) : bits
  }
  const all: TokenGrid = { tokens: found, ...(pinned === undefined ? {} : { pinned: marks() }) }
  if (draws === undefined) return all
  const parts = object(draws)
  const grid: DrawnGrid = {
    ...all,
    logProbabilities: floats(parts.logProbabilities),
    ranks: ids(parts.ranks),
    entropies: floats(parts.entropies),
    ...(parts.steps === undefined ? {} : { steps: shorts(parts.steps) }),
  }
  const odd = Object.entries(grid).find(([, array]) => array.length !== grid.tokens.length)
  if (odd)
    throw new FormatError(
      name,
      `${odd[0]} of the record: wrong length (found ${odd[1].length}, expected ${grid.tokens.length})`,
    )
  return grid
}

/** Marks 0 or 1, eight per byte, the first in the lowest bit. */
const toBits = (marks: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: Math.ceil(marks.length / 8) }, (_, i) =>
    marks.subarray(8 * i, 8 * i + 8).reduce((byte, mark, bit) => byte | (mark << bit), 0),
  )
const fromBits = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: 8 * bytes.length }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1)

const toBase64 = (array: Uint8Array | Uint16Array | Uint32Array | Float32Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')

/** Little-endian elements of `unit` bytes, the native order of all supported machines. */
function fromBase64(text: unknown, unit: number, name: string): ArrayBuffer {
  if (typeof text !== 'string') throw new FormatError(name, 'the digit record is missing an array')
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
  if (bytes.length % unit !== 0)
    throw new FormatError(name, `an array of the digit record has the wrong size (${bytes.length} bytes)`)
  return bytes.buffer
}

/** Digits of a model's hash in text for other programs. */
const HASH_DIGITS = 10

/** The text that Stable Diffusion tools and image viewers show. */
function parametersText({ image, recipe, class: label }: ImageRecord): string {
  const { stage1, stage2, generator, seed } = recipe
  const title = generator ? FAMILIES[generator.family].title : 'DiGIT'
  const sampler = ({ sampling, masked }: StageRecipe) =>
    [
      sampling.topP > 0 ? `top-p ${sampling.topP}` : `top-k ${sampling.topK}`,
      `T ${sampling.temperature}`,
      ...(masked ? [`${masked.steps} steps`, `choice temperature ${masked.choiceTemperature}`] : []),
    ].join(' ')
  const fields = [
    ...(label === undefined ? [] : [`Class: ${label}`]),
    ...(stage1
      ? [`Stage 1: ${sampler(stage1)}`, `Stage 1 hash: ${shortHash(stage1.sha256, HASH_DIGITS)}`]
      : []),
    ...(generator
      ? [
          `Generator: ${[title, ...settingWords(generator.family, generator.settings)].join(' ')}`,
          `Generator hash: ${shortHash(generator.sha256, HASH_DIGITS)}`,
        ]
      : []),
    ...(stage2
      ? [
          `Stage 2: ${stage2.kind} ${sampler(stage2)}`,
          `Stage 2 hash: ${shortHash(stage2.sha256, HASH_DIGITS)}`,
        ]
      : []),
    `Seed: ${seed}`,
    `Image: ${image}`,
    `Model: ${title}`,
  ]
  return `${title}\n${fields.join(', ')}`
}
