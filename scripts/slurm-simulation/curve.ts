// Curves of speed-up over tasks -> an SVG with logarithmic axes.

export interface Curve {
  readonly name: string
  /** The same work with packed images: dotted, in the color of the curve before. */
  readonly packed: boolean
  /** Tasks and speed-up. */
  readonly points: readonly (readonly [tasks: number, speedUp: number])[]
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [640, 340, 52, 16, 200, 44]
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7']
const MOST = 512

/** Both axes from 1 to 512; the dashed line is a speed-up of as many as there are tasks. */
export function curveSvg(curves: readonly Curve[]): string {
  const x = (tasks: number) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log2(tasks)) / Math.log2(MOST)
  const y = (speedUp: number) =>
    HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * Math.log2(speedUp)) / Math.log2(MOST)
  const at = (tasks: number, speedUp: number) => `${x(tasks).toFixed(1)},${y(speedUp).toFixed(1)}`
  const ticks = [1, 4, 16, 64, 256]
  const text = (left: number, top: number, words: string, anchor = 'middle') =>
    `<text x="${left}" y="${top}" text-anchor="${anchor}">${words}</text>`
  const legend = (line: number, words: string, color: string) =>
    `<text x="${WIDTH - RIGHT + 10}" y="${TOP + 60 + 20 * line}" fill="${color}">${words}</text>`
  const files = curves.filter(({ packed }) => !packed)
  let color = ''
  const lines = curves.flatMap(({ name, packed, points }) => {
    if (!packed) color = COLORS[files.findIndex((one) => one.name === name)]!
    const dots = packed ? ' stroke-dasharray="1 4" stroke-linecap="round"' : ''
    return [
      `<polyline fill="none" stroke="${color}" stroke-width="2"${dots} points="${points.map(([a, b]) => at(a, b)).join(' ')}"/>`,
      ...(packed
        ? []
        : [
            legend(
              files.findIndex((one) => one.name === name),
              name,
              color,
            ),
          ]),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#444">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...ticks.flatMap((tick) => [
      `<path stroke="#ddd" d="M${x(tick)} ${TOP}V${HEIGHT - BOTTOM}M${LEFT} ${y(tick)}H${WIDTH - RIGHT}"/>`,
      text(x(tick), HEIGHT - BOTTOM + 16, String(tick)),
      text(LEFT - 8, y(tick) + 4, String(tick), 'end'),
    ]),
    `<polyline fill="none" stroke="#999" stroke-dasharray="4 4" points="${at(1, 1)} ${at(MOST, MOST)}"/>`,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, 'tasks'),
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">speed-up of sampling</text>`,
    ...lines,
    legend(files.length, 'dotted: packed', '#444'),
    '</svg>',
    '',
  ].join('\n')
}
