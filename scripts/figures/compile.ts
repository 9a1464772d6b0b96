// Compiles every figure of a folder with LaTeX, including citations, tables and charts, and converts its SVG. Needs
// pdflatex and bibtex (texlive-latex-recommended, texlive-pictures) and rsvg-convert (librsvg2-bin). Usage: npm run
// figures FOLDER, then node scripts/run.mjs scripts/figures/compile.ts FOLDER/figures
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const from = resolve(process.argv[2] ?? 'figures')
const names = readdirSync(from)
const figures = names.filter((name) => /^[^.]+\.tex$/.test(name)).map((name) => name.replace(/\.tex$/, ''))
if (figures.length === 0) throw new Error(`${from}: contains no figures with a .tex`)

/** Further parts of the figure that LaTeX typesets. */
const parts = (name: string) =>
  names.filter((file) => new RegExp(`^${name}(-\\d+)?\\.(pgfplots|tabular)\\.tex$`).test(file))

const textOf = (name: string) => readFileSync(join(from, `${name}.tex`), 'utf8')
const isCiting = (name: string) => textOf(name).includes('\\cite')

const document = (name: string) => `\\documentclass{article}
\\usepackage{graphicx}
\\usepackage{booktabs}
\\usepackage{pgfplots}
\\pgfplotsset{compat=1.18}
\\begin{document}
See Figure~\\ref{${/\\label\{(.*?)\}/.exec(textOf(name))![1]}}.
\\input{${name}.tex}
${parts(name)
  .map((file) => `\\input{${file}}\n\n`)
  .join('')}\\bibliographystyle{plain}
${isCiting(name) ? `\\bibliography{${name}}` : ''}
\\end{document}
`

const folder = mkdtempSync(join(tmpdir(), 'digit-latex-'))
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
for (const file of names) copyFileSync(join(from, file), join(folder, file))
try {
  for (const name of figures) {
    const paper = `paper-${name}`
    writeFileSync(join(folder, `${paper}.tex`), document(name))
    const latex = () => run('pdflatex', '-halt-on-error', '-interaction=nonstopmode', paper)
    latex()
    if (isCiting(name)) run('bibtex', paper)
    latex()
    const log = latex()
    const complaints = log.split('\n').filter((line) => /undefined|Overfull|Missing character/.test(line))
    run('rsvg-convert', '--format=pdf', '--output', `${name}.svg.pdf`, `${name}.svg`)
    const cited = isCiting(name) ? 'with its works cited' : 'cites nothing'
    console.log(
      [`${name}: compiled, ${cited}, ${parts(name).length} parts, SVG converted`, ...complaints].join('\n  '),
    )
  }
} catch (error) {
  const { stdout } = error as { stdout?: Buffer }
  throw new Error(`${folder}: ${stdout?.toString().slice(-2000) ?? String(error)}`, { cause: error })
}
rmSync(folder, { recursive: true })
