// The page of a published figure: one file with everything but the pictures. It opens from disk; its security policy lets it
// request nothing, and run its own script only.
import { createHash } from 'node:crypto'
import { APP } from '../../../shared/app.ts'
import { html, Markup } from '../../../shared/text/markup.ts'
import { PAGE_SCRIPT } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'

export interface PageWords {
  readonly name: string
  /** Rules for the fonts of the figure. */
  readonly fonts: string
  /** The figure with its links, as SVG. */
  readonly svg: string
  readonly sections: readonly Markup[]
  /** Token grids by section, for the script. */
  readonly tokens: Readonly<Record<string, unknown>>
  readonly images: number
  readonly caption: string
  readonly methods: string
  readonly bibtex: string
  /** Files of the figure, relative to the page. */
  readonly files: readonly { readonly name: string; readonly path: string }[]
}

/** JSON that no parser of HTML takes for markup. */
const inScript = (value: unknown): Markup => new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'))

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export function pageHtml({
  name,
  fonts,
  svg,
  sections,
  tokens,
  images,
  caption,
  methods,
  bibtex,
  files,
}: PageWords): string {
  const policy = `default-src 'none'; img-src 'self' file:; font-src data:; style-src 'unsafe-inline'; script-src ${digest(PAGE_SCRIPT)}; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <title>${name}</title>
        ${new Markup(`<style>${fonts}${PAGE_STYLE}</style>`)}
      </head>
      <body>
        <header class="top">
          <h1>${name}</h1>
          <p class="soft">
            A figure and the ${images === 1 ? 'image' : `${images} images`} in it, made by DiGIT Workbench
            ${APP.version}. Click any part of the figure to see where it comes from and how to make it again.
            Arrow keys move between images, Escape closes one.
          </p>
        </header>
        <div class="layout">
          <main>
            <figure class="paper" id="figure">${new Markup(svg)}</figure>
            <h2>Caption</h2>
            <p id="caption">${caption}</p>
            <button type="button" data-copy="caption">Copy the caption</button>
            <details>
              <summary>Methods</summary>
              <pre id="methods">${methods}</pre>
              <button type="button" data-copy="methods">Copy</button>
            </details>
            <details>
              <summary>BibTeX</summary>
              <pre id="bibtex">${bibtex}</pre>
              <button type="button" data-copy="bibtex">Copy</button>
            </details>
            <h3>Files</h3>
            <ul class="files">
              ${files.map((file) => html`<li><a href="${file.path}" download>${file.name}</a></li>`)}
            </ul>
          </main>
          <aside aria-label="Details">
            <p class="hint soft">Nothing is selected. Click an image or a panel of the figure.</p>
            ${sections}
          </aside>
        </div>
        <script type="application/json" id="tokens">
          ${inScript(tokens)}
        </script>
        ${new Markup(`<script>${PAGE_SCRIPT}</script>`)}
      </body>
    </html> `.text
}
