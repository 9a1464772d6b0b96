// Plain English: phrases that read as if translated, in the strings, templates and comments of src/ and in the docs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'

/** A phrase to avoid, and what to write instead. Add a row for every new habit. */
const HABITS: readonly (readonly [avoid: RegExp, write: string])[] = [
  [/\b(is|are|was|were|be|been|being) told\b(?! apart)/, 'is reported, notified or shown'],
  [/\btell(s|ing)? of\b|\btold of\b/, 'shows, reports'],
  [/\basked for\b/, 'requested'],
  [
    /\b(lies|lie|lying) (in|at|on|beside|over|under|below|above|outside|inside|there|next)\b/,
    'is in, is stored in',
  ],
  [/\bwhere (it|they|files|each file) (lies?|stands?)\b/, 'in place, where it is stored'],
  [
    /(?<!\b[Tt]here )\b(is|are|was|were) (no (?!longer\b|more\b|less\b|fewer\b|worse\b|better\b|larger\b)|none\b)/,
    'is not a, has no, invalid',
  ],
  [/\blook(s|ed|ing) at\b/, 'opened, scanned, selected, read'],
  [/\bstands? (at|in(?! for\b)|beside|below|under|above|among|there|alone|behind|next)\b/, 'is, appears'],
  [/\bhow (it|they|\w+s?|an? \w+) stands?\b/, 'status'],
  [/\bas (it|they) stands?\b/, 'the current'],
  [/\bat work\b/, 'running, in progress'],
  [/\bon (its|their) way\b/, 'queued, pending, in flight'],
  [/\bgo(es)? on\b|\bgone on\b|\bgoing on with\b/, 'continues, resumes'],
  [/\bbegun\b/, 'started'],
  [/\bby (itself|themselves)\b/, 'automatically, alone'],
  [/\banew\b|\bagain and again\b/, 'again, repeatedly'],
  [/\bput(s|ting)? away\b/, 'dismiss, remove'],
  [/\bput(s|ting)? right\b/, 'fix'],
  [/\bg[ai]ven? free\b|\bgives? (it|them|\w+ \w+) free\b/, 'release'],
  [/\bmade alike\b/, 'same settings'],
  [/\bare the least\b|\bis the least\b/, 'at least N'],
  [/\btak(e|es|en|ing) (out of|away)\b|\btook away\b/, 'remove'],
  [/\b(brings?|bringing|brought) (it |them )?back\b/, 'restore, reset'],
  [/\bset aside\b/, 'added to the comparison, kept'],
  [/\bkept back\b/, 'held out'],
  [/\bdrawn again\b/, 'resampled'],
  [/\blaid (beside|open)\b|\blays? (\w+ ){1,2}beside\b/, 'compared with, opened'],
  [/\bin the making\b/, 'in progress'],
  [/\bsome \d+\b/, 'about N'],
  [/\bfor ever\b/, 'forever, indefinitely'],
  [/\bof (its|their) own accord\b/, 'automatically'],
  [/\bthe word that\b|\bsays? so again\b/, 'confirmation'],
]

/** Words of code that a person reads: text, and the line it starts on. */
interface Words {
  readonly line: number
  readonly text: string
}

const oneLine = (text: string) => text.replace(/\n\s*(\*|\/\/)?\s*/g, ' ').replace(/\s+/g, ' ')

/** String literals, templates and comments of a script; not what it imports. */
function wordsOfScript(code: string, lineAbove = 0): Words[] {
  const file = ts.createSourceFile('words.ts', code, ts.ScriptTarget.Latest)
  const found: { readonly at: number; readonly text: string }[] = []
  // Two slashes in these are not a comment.
  const literals: (readonly [start: number, end: number])[] = []
  const visit = (node: ts.Node): void => {
    const start = node.getStart(file)
    if (ts.isLiteralExpression(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      literals.push([start, node.end])
    const isImport = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    if (isImport) literals.push([start, node.end])
    else if (ts.isStringLiteralLike(node)) found.push({ at: start, text: oneLine(node.text) })
    else if (ts.isTemplateExpression(node)) {
      const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)]
      found.push({ at: start, text: oneLine(parts.map(({ text }) => text).join('…')) })
    }
    if (!isImport) ts.forEachChild(node, visit)
  }
  visit(file)
  literals.sort(([a], [b]) => a - b)
  let literal = 0
  const comment = /\/\/.*|\/\*[^]*?\*\//g
  for (let match; (match = comment.exec(code));) {
    while (literal < literals.length && literals[literal]![1] <= match.index) literal++
    const [start, end] = literals[literal] ?? [Infinity, Infinity]
    if (start <= match.index) comment.lastIndex = end
    else found.push({ at: match.index, text: oneLine(match[0]) })
  }
  const words = found
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => ({
      line: lineAbove + file.getLineAndCharacterOfPosition(at).line + 1,
      text,
    }))
  return joinedComments(words)
}

/** Comments of adjacent lines, which are one sentence, as one text. */
function joinedComments(words: readonly Words[]): Words[] {
  const joined: Words[] = []
  let next = -1
  for (const { line, text } of words) {
    if (!text.startsWith('//')) joined.push({ line, text })
    else {
      const last = joined.at(-1)
      if (last?.text.startsWith('//') && line === next)
        joined[joined.length - 1] = { ...last, text: last.text + text.slice(2) }
      else joined.push({ line, text })
      next = line + 1
    }
  }
  return joined
}

/** Scripts and template of a component: texts, attributes, and the strings in its expressions. */
function wordsOfComponent(source: string): Words[] {
  const { descriptor } = parse(source)
  const scripts = [descriptor.script, descriptor.scriptSetup].filter((block) => block !== null)
  const found = scripts.flatMap(({ content, loc }) => wordsOfScript(content, loc.start.line - 1))
  const visit = (node: AnyNode): void => {
    const { line } = node.loc.start
    if (typeof node.content === 'string') found.push({ line, text: oneLine(node.content) })
    else if (node.content) found.push(...wordsOfScript(`(${node.content.loc.source})`, line - 1))
    for (const { loc, value, exp } of node.props ?? [])
      if (value) found.push({ line: loc.start.line, text: oneLine(value.content) })
      else if (exp) found.push(...wordsOfScript(`(${exp.loc.source})`, loc.start.line - 1))
    node.children?.forEach(visit)
  }
  if (descriptor.template?.ast) visit(descriptor.template.ast as unknown as AnyNode)
  return found
}

/** What this test reads of a node of a template. */
interface AnyNode {
  readonly loc: { readonly start: { readonly line: number }; readonly source: string }
  readonly content?: string | AnyNode
  readonly children?: readonly AnyNode[]
  readonly props?: readonly {
    readonly loc: AnyNode['loc']
    readonly value?: { readonly content: string }
    readonly exp?: AnyNode
  }[]
}

/** Paragraphs of Markdown without its code. */
function wordsOfMarkdown(source: string): Words[] {
  const found: Words[] = []
  let isCode = false
  source.split('\n').forEach((text, i) => {
    if (/^\s*(```|~~~)/.test(text)) isCode = !isCode
    else if (!isCode && text.trim()) {
      const last = found.at(-1)
      const isMore = i > 0 && source.split('\n')[i - 1]!.trim() !== '' && !/^\s*([-*|#>]|\d+\.)/.test(text)
      const plain = text.replace(/`[^`]*`/g, '`code`')
      if (last && isMore) found[found.length - 1] = { ...last, text: `${last.text} ${plain.trim()}` }
      else found.push({ line: i + 1, text: plain })
    }
  })
  return found
}

const WORDS_OF = [
  ['.ts', wordsOfScript],
  ['.vue', wordsOfComponent],
  ['.md', wordsOfMarkdown],
] as const

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
const words = [...filesIn('src'), ...filesIn('docs'), 'README.md'].flatMap((file) => {
  const read = WORDS_OF.find(([ending]) => file.endsWith(ending))?.[1]
  return read ? read(readFileSync(file, 'utf8')).map((found) => ({ file, ...found })) : []
})

it.each(HABITS)('nothing says %s', (avoid, write) => {
  const found = words.flatMap(({ file, line, text }) => {
    const match = avoid.exec(text)
    if (!match) return []
    const around = text.slice(Math.max(0, match.index - 40), match.index + match[0].length + 40)
    return [`${file}:${line}: "${around}" (write: ${write})`]
  })
  expect(found).toEqual([])
})

it('reads strings, templates, comments and Markdown, and no code', () => {
  const texts = (found: readonly Words[]) => found.map(({ line, text }) => `${line} ${text}`)
  expect(texts(wordsOfScript("import 'a'\n// one\n// two\nconst anew = `b ${'c'} d`"))).toEqual([
    '2 // one two',
    '4 b … d',
    '4 c',
  ])
  const component =
    '<script setup>\nconst a = "b"\n</script>\n<template>\n<p :title="x ? \'c\' : y" alt="d">e {{ f(\'g\') }}</p>\n</template>'
  expect(texts(wordsOfComponent(component)).map((text) => text.trim())).toEqual([
    '2 b',
    '5 c',
    '5 d',
    '5 e',
    '5 g',
  ])
  expect(texts(wordsOfMarkdown('One\ntwo `anew`.\n\n```sh\nanew\n```\n- three'))).toEqual([
    '1 One two `code`.',
    '7 - three',
  ])
})
