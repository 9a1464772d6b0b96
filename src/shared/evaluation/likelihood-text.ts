// The likelihood of held-out images -> readable lines.
import { LIKELIHOOD_STAGES, STAGE_WORDS, type LikelihoodStage, type StageLikelihood } from './likelihood.ts'

/** Further classes are only in the file. */
const MOST_CLASSES = 20

export function likelihoodText(stages: Readonly<Partial<Record<LikelihoodStage, StageLikelihood>>>): string {
  return LIKELIHOOD_STAGES.flatMap((name) => {
    const stage = stages[name]
    if (!stage) return []
    const { bits, error, uniform, places, classes } = stage
    return [
      `${STAGE_WORDS[name]}: ${number(bits)} ± ${number(error)} bits per token (standard error over images); a uniform guess: ${number(uniform)}`,
      `  ${number(bits * places.length)} bits per image of ${places.length} tokens`,
      ...classes
        .slice(0, MOST_CLASSES)
        .map(
          ({ class: label, name, n, bits }) =>
            `  class ${label}${name ? ` ${name}` : ''}: ${number(bits)}, n ${n}`,
        ),
    ]
  }).join('\n')
}

const number = (value: number) => String(Number(value.toPrecision(5)))
