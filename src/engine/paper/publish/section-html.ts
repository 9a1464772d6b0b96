// One section of a published page: an image with its tokens, recipe, origin, siblings and command; or a group of images.
import type { Markup } from '../../../shared/text/markup.ts'
import { html } from '../../../shared/text/markup.ts'
import { NODE_WORDS, type LineageNode } from '../../../shared/run/lineage.ts'
import type { ModelRow, Row } from './recipe-rows.ts'
import type { Section } from './sections.ts'

/** A small picture of an image of a run. */
export interface Thumbnail {
  readonly image: number
  /** Relative to the page. */
  readonly file: string
  /** Section of this page that shows it. */
  readonly section?: string
}

export interface ImageWords {
  readonly section: Section
  readonly title: string
  readonly file: string
  readonly width: number
  readonly height: number
  /** The picture that it was made from. */
  readonly input?: string
  /** Absent for a picture of another program. */
  readonly made?: {
    readonly recipe: readonly Row[]
    readonly models: readonly ModelRow[]
    readonly command: string
    readonly compare: string
    readonly usesFolder: boolean
  }
  readonly chain: readonly (LineageNode & { readonly thumbnail?: string; readonly section?: string })[]
  readonly measurements: readonly string[]
  readonly siblings?: {
    readonly run: string
    /** Images of the run, and how many of them the figure shows. */
    readonly of: number
    readonly chosen: number
    readonly thumbnails: readonly Thumbnail[]
  }
}

export function imageSection(words: ImageWords, index: number): Markup {
  const { section, title, file, width, height, input, made, chain, measurements, siblings } = words
  const { id } = section
  const shown =
    section.shown.length > 0 ? `Shown as ${section.shown.join(', ')}.` : 'Part of the panel, not shown alone.'
  return sectionFrame(
    section,
    title,
    html`<p class="soft small">${shown}</p>
      <div class="stack">
        <img src="${file}" width="${width}" height="${height}" alt="${title}" />
      </div>
      <div class="tools"></div>
      <div class="readout small" aria-live="polite">
        ${made ? html`<p class="soft">Point at a cell of the image to see its tokens, or use the arrow keys in it.</p>` : ''}
      </div>
      <p class="small">
        <a href="${file}" download>${made ? 'The image with its whole record (PNG)' : 'The picture'}</a>
      </p>
      ${
        input
          ? html`<h3>Made from this picture</h3>
              <img src="${input}" width="128" alt="source picture" />`
          : ''
      }
      ${
        made
          ? html`<h3>Recipe</h3>
              ${table(made.recipe)}`
          : html`<p>This picture has no record of this program: how it was made is not known.</p>`
      }
      ${
        chain.length > 0
          ? html`<h3>Where it comes from</h3>
              ${chainList(chain)}`
          : ''
      }
      ${
        measurements.length > 0
          ? html`<p class="small">Measured with its run: ${measurements.join('; ')}.</p>`
          : ''
      }
      ${siblings ? siblingList(siblings, words) : ''}
      ${
        made
          ? html`<h3>Make it again</h3>
              <p class="small">
                ${made.usesFolder ? 'In the folder of this page. ' : ''}The same models, device and version
                give the same pixels.
              </p>
              <pre><code id="command-${index}">${made.command}</code></pre>
              <button type="button" data-copy="command-${index}">Copy the command</button>
              <p class="small">To make it again and compare every pixel, in the folder of this page:</p>
              <pre><code id="compare-${index}">${made.compare}</code></pre>
              <button type="button" data-copy="compare-${index}">Copy the command</button>
              <h3>Models</h3>
              <table>
                <thead>
                  <tr>
                    <th scope="col">Role and file</th>
                    <th scope="col">sha256</th>
                    <th scope="col"><span class="soft">Copy</span></th>
                  </tr>
                </thead>
                <tbody>
                  ${made.models.map(
                    ({ role, name = '', sha256 }, i) =>
                      html`<tr>
                        <td>${role}<br /><span class="soft">${name}</span></td>
                        <td><code id="hash-${id}-${i}">${sha256}</code></td>
                        <td>
                          <button
                            type="button"
                            data-copy="hash-${id}-${i}"
                            aria-label="Copy the hash of ${role}"
                          >
                            Copy
                          </button>
                        </td>
                      </tr>`,
                  )}
                </tbody>
              </table>`
          : ''
      }`,
  )
}

export function sectionFrame({ id, before, after }: Section, title: string, body: Markup): Markup {
  const step = (to: string | undefined, words: string, sign: string) =>
    to === undefined ? '' : html`<a href="#${to}" aria-label="${words}">${sign}</a>`
  return html`<section class="cell" id="${id}" tabindex="-1" aria-labelledby="title-${id}">
    <div class="bar">
      <h2 id="title-${id}">${title}</h2>
      <nav aria-label="${title}">
        ${step(before, 'Previous', '‹')} ${step(after, 'Next', '›')}
        <a href="#figure" aria-label="Close">Close</a>
      </nav>
    </div>
    ${body}
  </section>`
}

const table = (rows: readonly Row[]): Markup =>
  html`<table>
    <tbody>
      ${rows.map(
        ([label, value]) =>
          html`<tr>
            <th scope="row">${label}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`

function chainList(chain: ImageWords['chain']): Markup {
  const items = chain.map(({ kind, name, thumbnail, section }) => {
    const picture = thumbnail ? html`<img src="${thumbnail}" alt="" />` : ''
    const words = html`<span>${kind === 'image' ? '' : html`<b>${NODE_WORDS[kind]}</b> `}${name}</span>`
    return html`<li>${picture}${section ? html`<a href="#${section}">${words}</a>` : words}</li>`
  })
  return html`<ol class="chain">
    ${items}
  </ol>`
}

function siblingList(
  { run, of, chosen, thumbnails }: NonNullable<ImageWords['siblings']>,
  { section }: ImageWords,
): Markup {
  const items = thumbnails.map(({ image, file, section: to }) => {
    const picture = html`<img
        src="${file}"
        alt="image ${image}"
        loading="lazy"
        width="64"
        height="64"
      />${image}`
    const style = to === section.id ? 'chosen here' : 'chosen'
    return to === undefined
      ? html`<li><span>${picture}</span></li>`
      : html`<li class="${style}"><a href="#${to}">${picture}</a></li>`
  })
  const part = thumbnails.length < of ? ` Here are ${thumbnails.length} of them.` : ''
  return html`<h3>Chosen from</h3>
    <p class="small">
      ${of === 1 ? 'The only image of its run' : `One of ${of} images of run ${run}`}; the figure uses
      ${chosen} of them, marked here.${part}
    </p>
    <ul class="thumbs">
      ${items}
    </ul>`
}

/** A mean or deviation: the images that it was computed from. */
export const groupSection = (section: Section, thumbnails: readonly Thumbnail[]): Markup =>
  sectionFrame(
    section,
    section.shown[0] ?? 'Images',
    html`<p>Computed from ${section.images.length} images, pixel by pixel.</p>
      <ul class="thumbs">
        ${thumbnails.map(
          ({ image, file, section: to }) =>
            html`<li class="chosen">
              <a href="#${to ?? 'figure'}"
                ><img src="${file}" alt="image ${image}" width="64" height="64" />${image}</a
              >
            </li>`,
        )}
      </ul>`,
  )
