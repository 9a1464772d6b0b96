// A measurement -> the part of a methods section about it, and the BibTeX entries that it names.
import type { Stamp } from '../../evaluation/evaluation.ts'
import { resultsMeasured } from '../../evaluation/how-measured.ts'
import { measuredParagraphs } from './measured-words.ts'
import { MEASURED_WORKS } from './measured-works.ts'

export function stampMethods(stamp: Stamp): string {
  const measured = resultsMeasured(stamp)
  const works = MEASURED_WORKS.filter(({ usedFor }) => measured.some(usedFor))
  return [...measuredParagraphs(measured), ...works.map(({ bibtex }) => bibtex)].join('\n\n')
}
