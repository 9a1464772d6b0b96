import { describe, expect, it } from 'vitest'
import { chartCsv } from '../../../../src/shared/figures/paper/chart-data.ts'
import { checkFigure, type Figure } from '../../../../src/shared/figures/figure.ts'
import { latexText } from '../../../../src/shared/text/latex.ts'
import { paperFiles } from '../../../../src/shared/figures/paper/paper.ts'
import { captionText, ranges } from '../../../../src/shared/figures/paper/record-words.ts'
import { svgText } from '../../../../src/shared/figures/svg.ts'

const hash = (digit: string) => digit.repeat(64)
const recipe = (image: number, fields: object = {}) => ({
  image,
  seed: 7,
  stage1: { kind: 'stage1', sha256: hash('1'), sampling: { temperature: 1, topK: 200, topP: 0 } },
  stage2: { kind: 'stage2-ar', sha256: hash('2'), sampling: { temperature: 0.9, topK: 0, topP: 0.8 } },
  vqgan: hash('3'),
  weightBits: 32,
  provider: 'cpu',
  ...fields,
})
const masked = {
  stage2: { ...recipe(0).stage2, masked: { steps: 12, choiceTemperature: 4.5 } },
}

function figure(recipes: readonly object[], fields: object = {}): Figure {
  const images = recipes.map((_, i) => ({ file: `${i}.png` }))
  const kept = Object.fromEntries(recipes.map((recipe, i) => [`${i}.png`, { pixels: hash('a'), recipe }]))
  const rows = [[{ kind: 'grid', title: 'Samples of 50 %', columns: 3, images }]]
  return checkFigure({ schema: 1, rows, images: kept, ...fields }, 'f.json')
}

describe('text from the records', () => {
  it('lists settings, seed, images, models and their number', () => {
    const text = paperFiles(figure([recipe(0), recipe(1), recipe(2), recipe(9)]), 'fig').get('.txt')!
    expect(text).toContain(
      'Stage 1 with top-k 200 at temperature 1, stage 2 autoregressive with top-p 0.8 at temperature 0.9, seed 7, images 0–2, 9.',
    )
    expect(text).toContain(
      `Models: stage 1 sha256 ${'1'.repeat(16)}, stage 2 sha256 ${'2'.repeat(16)}, VQGAN sha256 ${'3'.repeat(16)}.`,
    )
    expect(text).toContain('n = 4.')
    expect(text).toContain('The selection of the images is not stated.')
    expect(paperFiles(figure([recipe(0)], { selection: 'the first' }), 'fig').get('.txt')).toContain(
      'Selection: the first.',
    )
  })

  it('names K of each codebook where the records have it', () => {
    const codebooks = { discriminative: 8192, codes: 1024 }
    const text = paperFiles(figure([recipe(0, { codebooks }), recipe(1, { codebooks })]), 'fig').get('.txt')!
    expect(text).toContain(
      'Codebooks: K = 8,192 discriminative tokens, K = 1,024 VQGAN codes. Computed on cpu',
    )
    expect(paperFiles(figure([recipe(0)]), 'fig').get('.txt')).not.toContain('Codebooks')
  })

  it('images with different settings are described separately', () => {
    const text = paperFiles(figure([recipe(0), recipe(1, masked)]), 'fig').get('.txt')!
    expect(text).toContain('stage 2 masked decoding in 12 steps, choice temperature 4.5')
    expect(text.match(/n = 1\./g)).toHaveLength(2)
    // What they have in common is said once.
    const seeds = paperFiles(figure([recipe(0), recipe(1, { seed: 8 })]), 'fig').get('.txt')!
    expect(seeds).toMatch(
      /seed 7, image 0\. n = 1\. Stage 1 .*seed 8, image 1\. n = 1\. Models: stage 1 sha256/,
    )
    expect(seeds.match(/Models: /g)).toHaveLength(1)
    const shared = paperFiles(
      figure([recipe(0), recipe(1, { commonNoise: 'stage1', given: hash('4') })]),
      'fig',
    )
    expect(shared.get('.txt')).toContain(
      'seed 7, random numbers shared in stage 1, some tokens fixed, image 1.',
    )
  })

  it('settings are described in the sentence of their panel, or once if all panels share them', () => {
    const panel = (title: string, image: string) => ({
      kind: 'grid',
      title,
      columns: 1,
      images: [{ file: image }],
    })
    const rows = [[panel('Plain', '0.png'), panel('Masked', '1.png')]]
    const caption = (recipes: readonly object[], changes: object = { rows }) =>
      captionText(figure(recipes, changes))
    expect(caption([recipe(0), recipe(1, masked)])).toMatch(
      /^\(a\) Plain\. Stage 1 .* autoregressive .*, image 0\. \(b\) Masked\. Stage 1 .* masked decoding .*, image 1\.$/,
    )
    const same = [[panel('Left', '0.png'), panel('Right', '0.png')]]
    expect(caption([recipe(0)], { rows: same })).toMatch(
      /^\(a\) Left\. \(b\) Right\. Stage 1 [^(]*, image 0\.$/,
    )
  })

  it.each([
    [[], ''],
    [[3], '3'],
    [[0, 1, 3, 5, 6, 7], '0, 1, 3, 5–7'],
  ])("image numbers %j are written '%s'", (numbers, text) => {
    expect(ranges(numbers)).toBe(text)
  })
})

it('cites only the works whose parts were used', () => {
  const keys = (recipes: readonly object[]) =>
    [
      ...paperFiles(figure(recipes), 'fig')
        .get('.bib')!
        .matchAll(/^@\w+\{(\w+),$/gm),
    ].map(([, key]) => key)
  expect(keys([recipe(0)])).toEqual([
    'zhu2024stabilize',
    'oquab2024dinov2',
    'johnson2019billion',
    'esser2021taming',
    'li2023mage',
  ])
  expect(keys([recipe(0, masked)])).toContain('chang2022maskgit')
  const plain = { stage1: { ...recipe(0).stage1, kind: 'vq-ar' }, stage2: undefined }
  expect(keys([recipe(0, plain)])).toEqual(['esser2021taming', 'li2023mage'])
  expect(keys([{}])).toEqual([])
})

describe('LaTeX', () => {
  it('includes the figure at its width', () => {
    const tex = (page: object) => paperFiles(figure([recipe(0)], { page }), 'my_fig').get('.tex')!
    expect(tex({ preset: 'neurips' })).toContain('\\includegraphics[width=\\linewidth]{my_fig.pdf}')
    expect(tex({ preset: 'cvpr-text' })).toContain('\\begin{figure*}[t]')
    expect(tex({ preset: 'iclr', share: 0.5 })).toContain('width=0.5\\linewidth')
    expect(tex({ width: 7.5 })).toContain('width=7.5cm')
    expect(tex({ width: 7.5 })).toContain('\\label{fig:my-fig}')
    expect(tex({ width: 7.5 })).toContain('Samples of 50 \\%.')
  })

  it('escapes any text', () => {
    expect(latexText('a_b & 5 % of $x ↓ {\\} ~^<>|"#−1')).toBe(
      "a\\_b \\& 5 \\% of \\$x $\\downarrow$ \\{\\textbackslash{}\\} \\textasciitilde{}\\textasciicircum{}\\textless{}\\textgreater{}\\textbar{}''\\#$-$1",
    )
  })
})

it('CSV fields are quoted as in RFC 4180', () => {
  const { rows } = checkFigure(
    {
      schema: 1,
      rows: [
        [
          {
            kind: 'chart',
            x: { label: 'a "b"' },
            y: { label: 'y' },
            series: [{ label: 'c,d', points: [[1, 2.5]] }],
          },
        ],
      ],
    },
    'f.json',
  )
  const [panel] = rows[0]!
  if (panel?.kind !== 'chart') throw new Error('no chart')
  expect(chartCsv(panel)).toBe('series,"a ""b""",y,protocol\r\n"c,d",1,2.5,\r\n')
})

it('SVG keeps text as escaped text and uses nothing that LaTeX tools do not support', async () => {
  const text = {
    kind: 'text',
    x: 1,
    y: 2,
    text: 'a<b> & "c"\u0001',
    size: 8,
    face: 'bold',
    anchor: 'end',
    fill: '#000000',
  } as const
  const image = { kind: 'image', x: 0, y: 0, width: 9, height: 9, source: { of: 'scale' } } as const
  const items = [
    text,
    { ...text, turned: true },
    image,
    { kind: 'disc', x: 1, y: 1, radius: 2, fill: '#ff0000' },
  ] as const
  let svg = ''
  for await (const part of svgText(
    { width: 10, height: 20, items, panels: [], notes: [] },
    'Tinos',
    async () => 'data:image/png;base64,AA==',
  ))
    svg += part
  expect(svg).toContain('text-anchor="end">a&lt;b&gt; &amp; &quot;c&quot;\ufffd</text>')
  expect(svg).toContain('transform="translate(1 2) rotate(-90)"')
  expect(svg).toContain('xlink:href="data:image/png;base64,AA=="')
  expect(svg).not.toMatch(/foreignObject|currentColor|<style|class=/)
})
