// A run as pages of plain HTML: images, their classes and recipes. It opens from disk, offline, without this program.
import { APP } from '../../shared/app.ts'
import { html, Markup } from '../../shared/text/markup.ts'
import type { ImageRecord } from '../records/image-record.ts'

export interface GalleryImage {
  readonly image: number
  /** Relative to the page. */
  readonly file: string
  readonly record: ImageRecord
}

const PER_PAGE = 500

const STYLE = new Markup(`
:root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif }
body { margin: 24px; max-width: 1600px }
h1 { font-size: 20px; margin: 0 0 4px }
p { margin: 0 0 16px; color: GrayText }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0 }
nav [aria-current] { font-weight: 600 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(144px, 1fr)); gap: 12px }
figure { margin: 0 }
img { display: block; width: 100%; height: auto; border-radius: 4px }
figcaption { font-size: 12px; color: GrayText; padding-top: 2px; font-variant-numeric: tabular-nums }
details { margin-bottom: 16px }
pre { overflow: auto; padding: 12px; border: 1px solid GrayText; border-radius: 4px; font-size: 12px }
`)

export function* galleryPages(
  title: string,
  images: readonly GalleryImage[],
): Generator<{ name: string; html: string }> {
  const pages = Math.ceil(images.length / PER_PAGE)
  for (let page = 0; page < pages; page++) {
    const shown = images.slice(page * PER_PAGE, (page + 1) * PER_PAGE)
    yield { name: pageName(page), html: pageMarkup(title, shown, images.length, page, pages).text }
  }
}

const pageName = (page: number): string => (page === 0 ? 'index.html' : `page-${page + 1}.html`)

function pageMarkup(
  title: string,
  shown: readonly GalleryImage[],
  all: number,
  page: number,
  pages: number,
): Markup {
  const links = Array.from({ length: pages }, (_, i) =>
    i === page
      ? html`<span aria-current="page">${i + 1}</span>`
      : html`<a href="${pageName(i)}">${i + 1}</a>`,
  )
  const nav = pages > 1 ? html`<nav aria-label="Pages">${links}</nav>` : ''
  const recipe = JSON.stringify(shown[0]?.record.recipe, null, 2)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p>${all} images, made by ${APP.name}. Each PNG holds its own recipe and tokens.</p>
        <details>
          <summary>Recipe</summary>
          <pre>${recipe}</pre>
        </details>
        ${nav}
        <main>${shown.map(figure)}</main>
        ${nav}
      </body>
    </html> `
}

function figure({ image, file, record }: GalleryImage): Markup {
  const label = record.class === undefined ? String(image) : `${image}, class ${record.class}`
  return html`<figure>
    <a href="${file}"><img src="${file}" alt="image ${image}" loading="lazy" width="256" height="256" /></a>
    <figcaption>${label}</figcaption>
  </figure>`
}
