// Foreign text in HTML, LaTeX and CSV stays text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvRows, csvText } from '../../src/shared/text/csv.ts'
import { latexComment, latexRow, latexText } from '../../src/shared/text/latex.ts'
import { html, Markup } from '../../src/shared/text/markup.ts'

describe('HTML', () => {
  it('escapes every value of a template, in text and in attributes', () => {
    const hostile = `<img src=x onerror="alert('1')">&\0`
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;\ufffd">' +
        '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;\ufffd</p>',
    )
  })

  it('does not escape markup again', () => {
    expect(html`<b>${[1, 2].map((n) => html`<i>${n}</i>`)}</b>${new Markup('<hr>')}`.text).toBe(
      '<b><i>1</i>\n<i>2</i></b><hr>',
    )
  })
})

describe('LaTeX', () => {
  it('has no command, line or control character from a text', () => {
    const hostile = 'a\n\\input{|"id"}%\r\u2028\u0007x'
    expect(latexText(hostile)).toBe("a \\textbackslash{}input\\{\\textbar{}''id''\\}\\% x")
    expect(latexComment(hostile)).toBe('% a \\input{|"id"}% x')
    for (const text of [latexText(hostile), latexComment(hostile)])
      expect(text.split(/[\r\n\u2028\v\f]/)).toHaveLength(1)
  })

  it('gives no row the look of an argument of the row before', () => {
    expect(latexRow(['[1]', 'x'])).toBe('{}[1] & x \\\\')
    expect(latexRow(['* best', 'x'])).toBe('{}* best & x \\\\')
    expect(latexRow(['a [1]', '*'])).toBe('a [1] & * \\\\')
  })
})

describe('CSV', () => {
  it('starts no cell as a formula', () => {
    expect(
      csvText([
        ['=1+1', '+a', '-a', '@a', '\t=1'],
        ['a=1', 'a', '', -1, 0.5],
      ]),
    ).toBe("'=1+1,'+a,'-a,'@a,'\t=1\r\na=1,a,,-1,0.5\r\n")
  })

  it('is read back as it was', () => {
    const cell = fc
      .oneof(fc.string(), fc.stringMatching(/^'*[=+\-@]?["',\r\n]*a?$/))
      .map((text) => text.replace(/\r(?!\n)/g, ''))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1 }), (rows) => {
        expect(csvRows(csvText(rows))).toEqual(rows)
      }),
    )
  })
})
