// A linear probe -> the part of a methods section about it, and the BibTeX entries that it names.
import { probeMethods, type ProbeResult } from '../../evaluation/linear-probe-text.ts'
import { WORKS } from './bibliography.ts'
import { MEASURED_WORKS } from './measured-works.ts'

export function probeMethodsAndWorks(probe: ProbeResult): string {
  const text = probeMethods(probe)
  const works = [...WORKS, ...MEASURED_WORKS].filter(({ key }) => text.includes(key))
  return [text, ...works.map(({ bibtex }) => bibtex)].join('\n\n')
}
