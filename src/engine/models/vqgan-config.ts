// The VQGAN's yaml, or its tensors' shapes -> the sizes of its encoder and decoder.
// Source: config/vqgan/vqgan.yaml of the DiGIT release (`ddconfig` of taming-transformers).
import type { GridShape } from '../../shared/grid/shape.ts'
import { DIGIT_GRID, SCALE_SIDES } from '../../shared/grid/layout.ts'
import { parse } from 'yaml'
import { FormatError, ModelError } from '../../shared/errors.ts'
import type { ModelTensors } from './tensors.ts'
import { VQGAN_KINDS, vqganKind, vqganTensors, type VqganKind } from './vqgan-kinds.ts'

/** GroupNorm groups of the published code. */
const DEFAULT_GROUPS = 32
/** A VQGAN yaml has about 30 lines; this leaves room for comments. */
const MAX_YAML_BYTES = 2 ** 16
/** Largest plausible value of any size, to refuse nonsense before building a graph. */
const MAX_SIZE = 2 ** 16
const MAX_LEVELS = 8
/** Values of a GroupNorm group: 512 channels at 2048 pixels. The graph has a row of ones as long. */
const MAX_GROUP = 2 ** 26

export interface VqganConfig {
  readonly kind: VqganKind
  /** Side of the square images, in pixels. */
  readonly resolution: number
  readonly ch: number
  /** Channels of level i are ch * chMult[i]; level 0 has the full resolution. */
  readonly chMult: readonly number[]
  /** Residual blocks of an encoder level. */
  readonly numResBlocks: number
  /** Channels of the encoder's result and the decoder's input: `z_channels`. */
  readonly zChannels: number
  /** Width of a code: `embed_dim`. Other than zChannels only if there are layers between encoder and codebook. */
  readonly codeWidth: number
  readonly codes: number
  /** GroupNorm groups. */
  readonly groups: number
  /** True if there is no yaml and the groups are guessed: shapes do not depend on them. */
  readonly groupsGuessed: boolean
  /** Grid of its codes: every level except the last halves the resolution. */
  readonly grid: GridShape
  /** Sides of the grids of codes whose maps are added, if there is more than that one (VAR). */
  readonly scales?: readonly number[]
}

/** Reads the yaml of MAGE's VQGAN, which has no layer between encoder and codebook. `file` appears in errors. */
export function vqganConfigFromYaml(text: string, file: string): VqganConfig {
  const params = section(section(parseYaml(text, file), 'model', file), 'params', file)
  const dd = section(params, 'ddconfig', file)
  const zChannels = size(dd, 'z_channels', file)
  const groups = dd.has('norm_num_groups') ? size(dd, 'norm_num_groups', file) : DEFAULT_GROUPS
  mustBe(params, 'embed_dim', zChannels, file)
  mustBe(dd, 'double_z', false, file)
  mustBe(dd, 'in_channels', 3, file)
  mustBe(dd, 'out_ch', 3, file)
  const chMult: unknown = dd.get('ch_mult')
  if (!Array.isArray(chMult) || chMult.length === 0 || chMult.length > MAX_LEVELS || !chMult.every(isSize))
    throw new ModelError(
      `${file}: ddconfig.ch_mult is ${show(chMult)}, expected at most ${MAX_LEVELS} numbers`,
    )
  return checkedConfig(
    {
      kind: 'mage',
      resolution: size(dd, 'resolution', file),
      ch: size(dd, 'ch', file),
      chMult,
      numResBlocks: size(dd, 'num_res_blocks', file),
      zChannels,
      codeWidth: zChannels,
      codes: size(params, 'n_embed', file),
      groups,
      groupsGuessed: false,
      grid: DIGIT_GRID,
    },
    file,
  )
}

/** Whether a yaml is of a VQGAN with layers between encoder and codes, because they change the width. */
export function isTamingVqganYaml(text: string, file: string): boolean {
  const params = section(section(parseYaml(text, file), 'model', file), 'params', file)
  const width = section(params, 'ddconfig', file).get('z_channels')
  return isSize(width) && isSize(params.get('embed_dim')) && width !== params.get('embed_dim')
}

/** Sizes of a GPT of taming-transformers: `transformer_config` of its yaml. */
export function tamingSizesFromYaml(
  text: string,
  file: string,
): { dim: number; layers: number; heads: number } {
  const params = section(section(parseYaml(text, file), 'model', file), 'params', file)
  const gpt = section(section(params, 'transformer_config', file), 'params', file)
  return {
    dim: size(gpt, 'n_embd', file),
    layers: size(gpt, 'n_layer', file),
    heads: size(gpt, 'n_head', file),
  }
}

/** The configuration for a grid of another size: the network is the same. */
export const withGrid = (config: VqganConfig, grid: GridShape): VqganConfig => ({
  ...config,
  grid,
  resolution: grid.side * 2 ** (config.chMult.length - 1),
})

/**
 * Reads the sizes from shapes. The number of groups does not affect shapes: it is 32, constant in the published code,
 * if that divides every channel count, otherwise the largest power of two that does. Sets `groupsGuessed`, because it
 * may be wrong.
 */
export function inferVqganConfig(stored: ModelTensors): VqganConfig {
  const kind = vqganKind(stored)
  const tensors = vqganTensors(stored)
  const rows = (name: string) => tensors.get(name).shape[0] ?? 1
  const count = (name: (i: number) => string) => {
    let i = 0
    while (tensors.has(name(i))) i++
    return i
  }
  const firstConv = (level: number) => `decoder.up.${level}.block.0.conv1.weight`
  const channels = Array.from({ length: count(firstConv) }, (_, level) => rows(firstConv(level)))
  const [codes, codeWidth, ...rest] = tensors.get('quantize.embedding.weight').shape
  const ch = rows(tensors.has('encoder.conv_in.weight') ? 'encoder.conv_in.weight' : firstConv(0))
  const chMult = channels.map((count) => count / ch)
  if (
    !isSize(codes) ||
    !isSize(codeWidth) ||
    rest.length > 0 ||
    chMult.length > MAX_LEVELS ||
    !chMult.every(isSize)
  )
    throw new ModelError(`${tensors.file}: tensor shapes do not match a VQGAN`)
  return checkedConfig(
    {
      kind,
      resolution: DIGIT_GRID.side * 2 ** (chMult.length - 1),
      ch,
      chMult,
      numResBlocks:
        count((block) => `decoder.up.0.block.${block}.conv1.weight`) - VQGAN_KINDS[kind].extraBlocks,
      zChannels: tensors.get('decoder.conv_in.weight').shape[1] ?? 0,
      codeWidth,
      codes,
      groups: channels.reduce((groups, count) => Math.min(groups, count & -count), DEFAULT_GROUPS),
      groupsGuessed: true,
      grid: DIGIT_GRID,
      ...(kind === 'var' ? { scales: SCALE_SIDES } : {}),
    },
    tensors.file,
  )
}

/** Refuses sizes from which no graph can be built. */
function checkedConfig(config: VqganConfig, file: string): VqganConfig {
  const { resolution, ch, chMult, groups, grid } = config
  const { side } = grid
  const expected = side * 2 ** (chMult.length - 1)
  if (resolution !== expected)
    throw new ModelError(
      `${file}: resolution ${resolution} with ${chMult.length} levels is not supported (a ${side} x ${side} grid needs ${expected})`,
    )
  const odd = chMult.find((factor) => (ch * factor) % groups !== 0)
  if (odd !== undefined)
    throw new ModelError(`${file}: ${ch * odd} channels are not divisible by ${groups} GroupNorm groups`)
  const largest = Math.max(
    ...chMult.map((factor, level) => ((ch * factor) / groups) * (resolution / 2 ** level) ** 2),
  )
  if (largest > MAX_GROUP)
    throw new ModelError(
      `${file}: network too large (found groups of ${largest} values, maximum ${MAX_GROUP})`,
    )
  return config
}

type Section = ReadonlyMap<unknown, unknown>

/** YAML 1.2 core schema, no aliases, no duplicate keys; maps become Map, so that no key can reach a prototype. */
function parseYaml(text: string, file: string): unknown {
  if (text.length > MAX_YAML_BYTES)
    throw new FormatError(
      file,
      `file too large for a VQGAN yaml (${text.length} characters, maximum ${MAX_YAML_BYTES})`,
    )
  try {
    return parse(text, { schema: 'core', strict: true, maxAliasCount: 0, mapAsMap: true, logLevel: 'error' })
  } catch (error) {
    throw new FormatError(file, `not valid YAML (${(error as Error).message.split('\n')[0]})`)
  }
}

function section(parent: unknown, name: string, file: string): Section {
  const value: unknown = parent instanceof Map ? parent.get(name) : undefined
  if (!(value instanceof Map)) throw new ModelError(`${file}: section '${name}' is missing`)
  return value
}

function size(from: Section, name: string, file: string): number {
  const value = from.get(name)
  if (!isSize(value))
    throw new ModelError(`${file}: ${name} is ${show(value)}, expected a positive whole number`)
  return value
}

function mustBe(from: Section, name: string, expected: unknown, file: string): void {
  const value = from.get(name)
  if (value !== undefined && value !== expected)
    throw new ModelError(`${file}: ${name} is ${show(value)}, only ${show(expected)} is supported`)
}

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SIZE
const show = (value: unknown) => String(value).slice(0, 80)
