// Curves, published values and training logs -> an ECharts option; the same curves and colours as on paper.
import type { EChartsOption, SeriesOption } from 'echarts'
import { paletteColour } from './colour.ts'
import type { Curve } from './curves.ts'

export interface ChartParts {
  readonly curves: readonly Curve[]
  readonly x: ChartAxis
  readonly y: ChartAxis
  /** Published values: at a position, or as horizontal lines if they have no value on the x axis. */
  readonly published: readonly PublishedMark[]
  /** Curves of training logs, on an axis of their own on the right. */
  readonly logs: readonly {
    readonly label: string
    readonly points: readonly (readonly [number, number])[]
  }[]
  /** Points whose samples are open: the letter shown at each. */
  readonly chosen: Readonly<Record<string, string>>
  readonly colours: ChartColours
}
export interface ChartAxis {
  readonly label: string
  readonly log?: boolean
  /** Shown instead of numbers: checkpoints at 0, 1, 2 ... */
  readonly names?: readonly string[]
  /** No fractions. */
  readonly whole?: boolean
  /** Smallest and largest value still to come: keeps the axis fixed while points arrive. */
  readonly range?: readonly [number, number]
  /** The largest value there can be, such as 100 %: no axis goes past it. */
  readonly most?: number
}
export interface PublishedMark {
  readonly label: string
  readonly x?: number
  readonly y: number
}
export interface ChartColours {
  readonly ink: string
  readonly soft: string
  readonly rule: string
  readonly surface: string
  readonly font: string
}

/** Payload of a click: the samples of a point. */
export interface PointData {
  readonly value: readonly [number, number]
  readonly run: string
}

const MARKS = ['circle', 'rect', 'triangle', 'diamond'] as const
/** Of a name in the legend, in pixels: one fits the smallest window. */
const LONGEST_NAME = 240
/** Labels beyond these would overlap. */
const MOST_LABELS = 14

export function chartOption({ curves, x, y, published, logs, chosen, colours }: ChartParts): EChartsOption {
  const { ink, soft, rule, surface, font } = colours
  const text = { color: soft, fontFamily: font, fontSize: 11 }
  const level = published.filter((mark) => mark.x === undefined)
  const placed = published.filter((mark) => mark.x !== undefined)
  const series: SeriesOption[] = [
    ...curves.map((curve, i) => curveSeries(curve, i, chosen, surface, ink, text)),
    ...curves.flatMap((curve, i) => errorSeries(curve, i)),
    ...(placed.length > 0 ? [placedSeries(placed, soft, text)] : []),
    ...(level.length > 0
      ? [
          levelSeries(
            level,
            curves.flatMap(({ points }) => points),
            soft,
            text,
          ),
        ]
      : []),
    ...logs.map(({ label, points }, i): SeriesOption => ({
      type: 'line',
      name: label,
      yAxisIndex: 1,
      symbol: 'none',
      // Only on screen: of 100,000 steps, draws those that preserve the curve's shape.
      sampling: 'lttb',
      silent: true,
      lineStyle: { width: 1, color: paletteColour(curves.length + i), opacity: 0.8 },
      itemStyle: { color: paletteColour(curves.length + i) },
      data: points as [number, number][],
    })),
  ]
  const named = series.filter(({ name }) => name !== undefined).length
  const axis = {
    nameTextStyle: { ...text, color: ink, fontWeight: 500 as const, lineHeight: 14 },
    axisLabel: text,
    axisLine: { lineStyle: { color: rule } },
    axisTick: { lineStyle: { color: rule } },
    splitLine: { lineStyle: { color: rule, opacity: 0.6 } },
    scale: true,
  }
  return {
    animation: false,
    textStyle: { fontFamily: font },
    // A name of two lines needs the room of the second.
    grid: {
      left: y.label.includes('\n') ? 80 : 64,
      right: logs.length > 0 ? 64 : 24,
      top: named > 1 ? 44 : 24,
      bottom: 48,
    },
    ...(named > 1
      ? {
          legend: {
            // More names than fit are paged, and a long one is cut.
            type: 'scroll' as const,
            top: 4,
            left: 8,
            right: 8,
            textStyle: { ...text, color: ink, width: LONGEST_NAME, overflow: 'truncate' as const },
            pageTextStyle: text,
          },
        }
      : {}),
    xAxis: {
      ...axis,
      type: x.log ? 'log' : 'value',
      name: x.label,
      nameLocation: 'middle',
      nameGap: 28,
      splitLine: { show: false },
      ...(x.whole ? { minInterval: 1 } : {}),
      ...(x.range ? axisOver(x.range, text) : {}),
      ...(x.names
        ? { minInterval: 1, axisLabel: { ...text, formatter: (value: number) => x.names![value] ?? '' } }
        : {}),
    },
    yAxis: [
      {
        ...axis,
        type: y.log ? 'log' : 'value',
        name: y.label,
        nameLocation: 'middle',
        nameGap: 48,
        ...(y.most === undefined ? {} : upTo(y.most)),
      },
      ...(logs.length > 0
        ? [
            {
              ...axis,
              type: 'value' as const,
              name: 'Training log',
              nameLocation: 'middle' as const,
              nameGap: 44,
              splitLine: { show: false },
            },
          ]
        : []),
    ],
    series,
  }
}

/** An axis slightly wider than its values, so that no point is on the frame; its ends have no labels. */
function axisOver([least, most]: readonly [number, number], text: object) {
  const room = 0.04 * (most - least)
  return {
    min: least - room,
    max: most + room,
    axisLabel: { ...text, showMinLabel: false, showMaxLabel: false },
  }
}

/** ECharts leaves room above the largest value, where values near the largest possible one have none. */
const upTo = (most: number) => ({
  max: ({ max }: { max: number }) => (max > 0.9 * most ? most : (null as unknown as number)),
})

/** A line through its points in order, with the selected point larger and lettered. */
function curveSeries(
  { label, points }: Curve,
  index: number,
  chosen: ChartParts['chosen'],
  surface: string,
  ink: string,
  text: object,
): SeriesOption {
  const color = paletteColour(index)
  return {
    type: 'line',
    name: label,
    symbol: MARKS[index % MARKS.length]!,
    symbolSize: 9,
    showAllSymbol: true,
    lineStyle: { width: 2, color },
    itemStyle: { color, borderColor: surface, borderWidth: 1.5 },
    z: 5,
    labelLayout: { hideOverlap: true },
    data: points.map(({ x, y, run, error, setting }) => {
      const letter = chosen[run]
      return {
        value: [x, y],
        run,
        ...(letter === undefined
          ? setting === undefined
            ? {}
            : { label: settingLabel(setting, surface, text) }
          : {
              symbolSize: 15,
              label: {
                show: true,
                formatter: letter,
                // Its error bar is drawn above it.
                position: error === undefined ? 'top' : 'right',
                color: ink,
                fontWeight: 600,
              },
            }),
      }
    }),
  }
}

/** Above its point, legible over the lines. */
const settingLabel = (setting: string, surface: string, text: object) => ({
  ...{ show: true, formatter: setting, position: 'top' as const },
  ...{ textBorderColor: surface, textBorderWidth: 3 },
  ...text,
})

const CAP = 4

/** A bar from value - error to value + error; nothing if the error is unknown. */
function errorSeries({ points }: Curve, index: number): SeriesOption[] {
  const known = points.filter(({ error }) => error !== undefined && error > 0)
  if (known.length === 0) return []
  const stroke = paletteColour(index)
  return [
    {
      type: 'custom',
      silent: true,
      z: 4,
      encode: { x: 0, y: [1, 2] },
      data: known.map(({ x, y, error }) => [x, y - error!, y + error!]),
      renderItem(_, api) {
        const [x, low] = api.coord([api.value(0), api.value(1)]) as [number, number]
        const [, high] = api.coord([api.value(0), api.value(2)]) as [number, number]
        const d = `M${x} ${low}V${high}M${x - CAP} ${low}h${2 * CAP}M${x - CAP} ${high}h${2 * CAP}`
        return { type: 'path', shape: { pathData: d }, style: { stroke, fill: 'none', lineWidth: 1.5 } }
      },
    },
  ]
}

function placedSeries(marks: readonly PublishedMark[], color: string, text: object): SeriesOption {
  return {
    type: 'scatter',
    name: 'Published',
    symbol: 'diamond',
    symbolSize: 8,
    silent: true,
    itemStyle: { color: 'transparent', borderColor: color, borderWidth: 1.5 },
    labelLayout: { hideOverlap: true },
    label: { show: true, position: 'right', formatter: '{b}', ...text },
    data: marks.map(({ label, x, y }) => ({ name: label, value: [x!, y] })),
  }
}

type Place = readonly [number, number]

/** Where the label of a line covers neither a point nor an axis: the end, and the side of the line, with most room. */
function labelPlace(y: number, points: readonly Place[], levels: readonly number[]) {
  const xs = points.map(([x]) => x)
  const middle = (Math.min(...xs) + Math.max(...xs)) / 2
  const heights = [...levels, ...points.map(([, height]) => height)]
  const room = (end: 'Start' | 'End', side: 'Top' | 'Bottom') => {
    const near = points.filter(([x]) => (end === 'End' ? x >= middle : x <= middle))
    const edge = side === 'Top' ? Math.max(...heights) : Math.min(...heights)
    const gaps = [...near.map(([, height]) => height), edge].map((at) => (side === 'Top' ? at - y : y - at))
    return Math.min(...gaps.filter((gap) => gap >= 0))
  }
  const places = (['End', 'Start'] as const).flatMap((end) =>
    (['Top', 'Bottom'] as const).map((side) => ({ end, side, room: room(end, side) })),
  )
  const { end, side } = places.reduce((best, place) => (place.room > best.room ? place : best))
  return `inside${end}${side}` as const
}

/**
 * Values without an x position: horizontal lines across the chart. Invisible points, where the curves begin, let the axis
 * cover every line; lines alone do not extend it.
 */
function levelSeries(
  marks: readonly PublishedMark[],
  points: readonly { readonly x: number; readonly y: number }[],
  color: string,
  text: object,
): SeriesOption {
  const shown = marks.slice(0, MOST_LABELS)
  const x = points[0]?.x
  const places = points.map(({ x, y }): Place => [x, y])
  const levels = shown.map(({ y }) => y)
  return {
    type: 'line',
    data: x === undefined ? [] : shown.map(({ y }) => [x, y]),
    symbol: 'none',
    lineStyle: { width: 0 },
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color, type: 'dashed', width: 1, opacity: 0.7 },
      data: shown.map(({ label, y }) => ({
        yAxis: y,
        label: { show: true, position: labelPlace(y, places, levels), formatter: label, ...text },
      })),
    },
  }
}
