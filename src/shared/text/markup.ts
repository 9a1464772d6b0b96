// Text -> HTML, XML and SVG that show it. What goes into a template is escaped there, and nowhere else.

// XML 1.0 has no way to write control characters.
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For text and for attributes in quotes. */
export const escaped = (value: string): string =>
  value.replace(UNWRITABLE, '\ufffd').replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)

/** Markup, which templates do not escape again. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | Markup | readonly Markup[]

/** `html\`<p>${text}</p>\``: everything between is escaped unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const written = parts.map((part) => {
    if (part instanceof Markup) return part.text
    if (typeof part === 'object') return part.map(({ text }) => text).join('\n')
    return escaped(String(part))
  })
  return new Markup(strings.map((string, i) => string + (written[i] ?? '')).join(''))
}
