// `digit onnx`: the networks of models for other programs.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { exportOnnx } from '../../engine/runs/onnx/export.ts'
import type { ModelChoice } from '../../shared/models/models.ts'
import { option, useOption, whole } from '../options.ts'
import { stoppable } from '../stoppable.ts'
import { tell } from '../result.ts'

interface OnnxFlags {
  readonly use?: ModelChoice
  readonly heads?: number
  readonly side?: number
  readonly force?: boolean
}

export function onnxCommand(): Command {
  const command = new Command('onnx')
    .description(
      'Write every network of the models as standard ONNX: encoder, stages as one pass and as a step with a cache, VQGAN both ways.',
    )
    .argument('<model>', 'folder or file with models')
    .argument('<out>', 'folder to write to')
  return command
    .addOption(useOption())
    .addOption(option('--heads <n>', 'other generators: attention heads, if no file says', whole(1, 1024)))
    .addOption(option('--side <n>', 'LlamaGen: cells along a side, 16 or 24', whole(1, 64)))
    .option('--force', 'write into a folder that is not empty')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, folder: string, { use, heads, side, force = false }: OnnxFlags) => {
      const out = resolve(folder)
      const hints = { ...(heads === undefined ? {} : { heads }), ...(side === undefined ? {} : { side }) }
      const files = await stoppable((callbacks) =>
        exportOnnx(
          { model: resolve(model), ...(use === undefined ? {} : { choose: use }), out, hints, force },
          callbacks,
        ),
      )
      tell(`wrote ${files.length} networks to ${out}: ${files.join(', ')}`, { out, files })
    })
}

const EXAMPLES = `
Examples:
  digit onnx ~/DiGIT digit-onnx
  digit onnx ~/RAR rar-onnx`
