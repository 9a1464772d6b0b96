// The look of a published figure: light and dark, wide and narrow, on screen and on paper. No fonts or files of others.
export const PAGE_STYLE = `
:root {
  color-scheme: light;
  --ink: #1b1f24; --soft: #4e5661; --line: #d5d9df; --page: #f6f7f9; --card: #ffffff; --accent: #0b57b7;
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
}
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e6e8eb; --soft: #b3bac4; --line: #3a4049; --page: #15181c; --card: #1e2227; --accent: #7db4ff }
}
* { box-sizing: border-box }
body { margin: 0 }
header.top { padding: 20px 24px 12px; border-bottom: 1px solid var(--line) }
h1 { margin: 0; font-size: 22px; line-height: 1.3; overflow-wrap: anywhere }
h2 { margin: 0; font-size: 17px; line-height: 1.35; overflow-wrap: anywhere }
h3 { margin: 20px 0 6px; font-size: 14px }
p { margin: 4px 0 }
.soft { color: var(--soft) }
.small { font-size: 13px }
a { color: var(--accent) }
.layout { display: grid; grid-template-columns: minmax(0, 1fr) minmax(380px, 34%); align-items: start }
main { min-width: 0; padding: 20px 24px 48px }
.paper { margin: 0 0 16px; padding: 16px; background: #fff; border: 1px solid var(--line); border-radius: 8px }
.paper svg { display: block; width: 100%; height: auto }
@media (width >= 900px) { .paper svg { max-height: 82vh } }
.paper a rect { fill: transparent; stroke: transparent; stroke-width: 1.5; cursor: pointer }
.paper a:hover rect, .paper a:focus-visible rect { stroke: #0b57b7 }
.paper a.open rect { stroke: #d55e00; stroke-width: 2 }
.paper a { outline: none }
aside { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 20px 24px 48px; border-left: 1px solid var(--line); background: var(--card) }
.cell { display: none }
.cell:target { display: block; scroll-margin-top: 20px }
.cell:focus { outline: none }
aside:has(.cell:target) .hint { display: none }
.bar { display: flex; gap: 8px; align-items: start; justify-content: space-between; margin-bottom: 12px }
.bar nav { display: flex; gap: 4px; flex: none }
.bar nav a, button { display: inline-grid; place-items: center; min-width: 32px; min-height: 30px; padding: 0 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: var(--ink); font: inherit; font-size: 13px; text-decoration: none; cursor: pointer }
button:hover, .bar nav a:hover { border-color: var(--soft) }
button[aria-pressed=true] { border-color: var(--accent); color: var(--accent); font-weight: 600 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.stack { position: relative; max-width: min(512px, 64vh); touch-action: none }
.stack img { display: block; width: 100%; height: auto; image-rendering: auto; border-radius: 4px }
.stack canvas { position: absolute; inset: 0; width: 100%; height: 100%; image-rendering: pixelated; border-radius: 4px }
.stack .cursor { position: absolute; border: 2px solid #fff; outline: 1px solid #000; pointer-events: none }
.tools { display: flex; flex-wrap: wrap; gap: 6px; margin: 8px 0 }
.readout td { overflow-wrap: normal }
.readout { min-height: 84px; margin-top: 8px }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums }
th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { width: 36%; font-weight: 500; color: var(--soft) }
thead th { width: auto; white-space: nowrap }
span, b, a, td, button { unicode-bidi: isolate }
code, .mono { font: 12.5px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
pre { margin: 6px 0; padding: 10px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--page); white-space: pre-wrap; overflow-wrap: anywhere }
.chain { margin: 0; padding: 0; list-style: none }
.chain li { display: flex; gap: 10px; align-items: center; padding: 4px 0 4px 12px; border-left: 2px solid var(--line) }
.chain li:last-child { border-left-color: var(--accent) }
.chain img { width: 40px; height: 40px; object-fit: cover; border-radius: 3px; flex: none }
.chain b { font-weight: 600 }
.thumbs { display: grid; grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); gap: 6px; margin: 6px 0; padding: 0; list-style: none }
.thumbs a, .thumbs span { display: block; font-size: 12px; color: var(--soft); text-decoration: none; text-align: center }
.thumbs img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; border: 2px solid transparent; border-radius: 5px }
.thumbs .chosen img { border-color: var(--accent) }
.thumbs .chosen { color: var(--ink); font-weight: 600 }
.thumbs .here img { border-color: #d55e00 }
details { margin: 10px 0 }
summary { cursor: pointer; font-weight: 600; min-height: 26px }
.files { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px 0; padding: 0; list-style: none }
.files a { display: inline-block; min-height: 24px }
@media (width < 900px) {
  .layout { display: block }
  aside { position: static; height: auto; border-left: 0; border-top: 1px solid var(--line) }
  .cell:target { position: fixed; inset: 0; z-index: 1; overflow: auto; padding: 16px; background: var(--card) }
}
@media (width >= 560px) and (width < 900px) {
  .stack { float: left; width: 46%; margin: 0 16px 8px 0 }
  .readout { overflow: hidden }
  h3 { clear: both }
}
@media (prefers-reduced-motion: no-preference) { .paper a rect { transition: stroke .12s } }
@media print {
  :root { background: #fff }
  .layout { display: block }
  aside { position: static; height: auto; overflow: visible; border: 0; padding: 0 }
  .hint, .bar nav, .tools, .readout, button { display: none }
  .cell { display: block; break-inside: avoid; margin: 0 0 24px; padding-top: 12px; border-top: 1px solid #999 }
  .cell .stack { float: none; max-width: 220px }
  .paper { border: 0; padding: 0 }
}
`
