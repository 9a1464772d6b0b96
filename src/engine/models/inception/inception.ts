// The Inception-v3 of 2015 that FID is defined with -> features, class logits and the spatial features of sFID. Source:
// torch-fidelity feature_extractor_inceptionv3.py, a port of TensorFlow's inception-2015-12-05 graph; the weights are
// `weights-inception-2015-12-05-6726825d.pth` or pytorch-fid's `pt_inception-2015-12-05-6726825d.pth`. B = batch; sizes
// next to the layers are channels x side x side.
import { ModelError } from '../../../shared/errors.ts'
import { GraphBuilder, type Graph, type Value } from '../../graph/index.ts'
import {
  averagePool,
  blockA,
  blockB,
  blockC,
  blockD,
  blockE,
  conv,
  maxPool,
  type Context,
} from './inception-blocks.ts'
import type { ModelTensors } from '../tensors.ts'

/** Widths of the outputs. */
export const INCEPTION_WIDTHS = { features: 2048, logits: 1008, spatial: 7 * 17 * 17 } as const

/** Side of the network's input. */
const SIDE = 299
/** guided-diffusion's evaluator takes the first channels of `mixed_6/conv`, which is Mixed_6d's 1x1 branch. */
const SPATIAL_CHANNELS = 7
const SPATIAL_LAYER = 'Mixed_6d'

export interface InceptionOptions {
  readonly width: number
  readonly height: number
}

/** Throws ModelError if the tensors are not those of this network. */
export function checkInception(tensors: ModelTensors): void {
  tensors.get('Conv2d_1a_3x3.conv.weight', [32, 3, 3, 3])
  tensors.get('Mixed_7c.branch_pool.conv.weight', [192, 2048, 1, 1])
  const [classes] = tensors.get('fc.weight').shape
  if (classes !== INCEPTION_WIDTHS.logits)
    throw new ModelError(
      `${tensors.file}: not the Inception-v3 used for FID (fc.weight has ${classes} classes, expected ${INCEPTION_WIDTHS.logits})`,
    )
}

/**
 * Input `rgb` u8 [B, height, width, 3]; outputs `features` f32 [B, 2048] (pool3), `logits` f32 [B, 1008] (with bias),
 * `logits_unbiased` f32 [B, 1008] and `spatial` f32 [B, 2023] (17 x 17 x 7, in the layout of TensorFlow), and the
 * averages of earlier layers `features_64`, `features_192`, `features_768`.
 */
export function inceptionFeatures(tensors: ModelTensors, { width, height }: InceptionOptions): Graph {
  checkInception(tensors)
  const context: Context = { g: new GraphBuilder('inception'), tensors }
  const { g } = context
  const rgb = g.input('rgb', 'u8', ['B', height, width, 3])
  let x = networkInput(g, rgb, width, height)
  x = conv(context, x, { name: 'Conv2d_1a_3x3', channels: 32, kernel: [3, 3], stride: 2 }) // 32 x 149
  x = conv(context, x, { name: 'Conv2d_2a_3x3', channels: 32, kernel: [3, 3] }) // 32 x 147
  x = conv(context, x, { name: 'Conv2d_2b_3x3', channels: 64, kernel: [3, 3], pad: [1, 1] })
  x = maxPool(g, x, 2, 0) // 64 x 73
  g.output('features_64', average(g, x))
  x = conv(context, x, { name: 'Conv2d_3b_1x1', channels: 80 })
  x = conv(context, x, { name: 'Conv2d_4a_3x3', channels: 192, kernel: [3, 3] }) // 192 x 71
  x = maxPool(g, x, 2, 0) // 192 x 35
  g.output('features_192', average(g, x))
  x = blockA(context, x, 'Mixed_5b', 32) // 256
  x = blockA(context, x, 'Mixed_5c', 64) // 288
  x = blockA(context, x, 'Mixed_5d', 64)
  x = blockB(context, x, 'Mixed_6a') // 768 x 17
  for (const [name, channels] of [
    ['Mixed_6b', 128],
    ['Mixed_6c', 160],
    ['Mixed_6d', 160],
    ['Mixed_6e', 192],
  ] as const) {
    const block = blockC(context, x, name, channels)
    x = block.x
    if (name === SPATIAL_LAYER) g.output('spatial', spatial(g, block.first))
  }
  g.output('features_768', average(g, x))
  x = blockD(context, x, 'Mixed_7a') // 1280 x 8
  x = blockE(context, x, 'Mixed_7b', averagePool) // 2048 x 8
  // Only here does the original graph use the maximum.
  x = blockE(context, x, 'Mixed_7c', (g, x) => maxPool(g, x, 1, 1))
  const features = average(g, x)
  const classes = g.weight(tensors.get('fc.weight', [INCEPTION_WIDTHS.logits, INCEPTION_WIDTHS.features]))
  const unbiased = g.op('Gemm', [features, classes], { transB: 1 })
  const bias = g.weight(tensors.get('fc.bias', [INCEPTION_WIDTHS.logits]))
  g.output('features', features)
  g.output('logits', g.op('Add', [unbiased, bias]))
  g.output('logits_unbiased', unbiased)
  return g.build()
}

/** Levels 0..255 -> TensorFlow 1's bilinear resize (no half pixels, no antialias) to 299 -> (x - 128) / 128. */
function networkInput(g: GraphBuilder, rgb: Value, width: number, height: number): Value {
  const planes = g.transpose(g.cast(rgb, 'f32'), [0, 3, 1, 2]) // [B, 3, height, width]
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'asymmetric' }
  const scales = g.constant('f32', [1, 1, SIDE / height, SIDE / width])
  const shape = ['B', 3, SIDE, SIDE]
  const resized =
    width === SIDE && height === SIDE
      ? planes
      : g.nodes('Resize', [planes, null, scales], attributes, [{ type: 'f32', shape }])[0]!
  return g.op('Div', [g.op('Sub', [resized, g.scalar(128)]), g.scalar(128)])
}

/** [B, C, H, W] -> [B, C] */
const average = (g: GraphBuilder, x: Value): Value =>
  g.reshape(g.op('GlobalAveragePool', [x]), ['B', x.shape[1]!])

function spatial(g: GraphBuilder, x: Value): Value {
  const first = g.transpose(g.slice(x, 1, 0, SPATIAL_CHANNELS), [0, 2, 3, 1]) // [B, 17, 17, 7]
  return g.reshape(first, ['B', INCEPTION_WIDTHS.spatial])
}
