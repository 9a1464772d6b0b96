// OKLab and OKLCH (https://bottosson.github.io/posts/oklab) -> sRGB bytes, and the largest chroma in the sRGB gamut.

export type Rgb = readonly [red: number, green: number, blue: number]

/** `lightness` 0..1, `a` green to red, `b` blue to yellow -> linear sRGB, not clipped. */
function oklabToLinear(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

/** Whether the color is in the sRGB gamut. */
export function inGamut(lightness: number, a: number, b: number): boolean {
  return oklabToLinear(lightness, a, b).every((channel) => channel >= -1e-6 && channel <= 1 + 1e-6)
}

/** sRGB bytes; colors outside the gamut are clipped. */
export function oklabToRgb(lightness: number, a: number, b: number): Rgb {
  const [red, green, blue] = oklabToLinear(lightness, a, b)
  return [linearToByte(red), linearToByte(green), linearToByte(blue)]
}

/** The largest distance from gray, in the direction (`a`, `b`) of length 1, that sRGB can show. */
export function mostChroma(lightness: number, a: number, b: number): number {
  let [inside, outside] = [0, 0.4]
  for (let i = 0; i < 16; i++) {
    const middle = (inside + outside) / 2
    if (inGamut(lightness, a * middle, b * middle)) inside = middle
    else outside = middle
  }
  return inside
}

/** sRGB bytes -> OKLab, where distances match perceived differences. */
export function rgbToOklab([red, green, blue]: Rgb): readonly [number, number, number] {
  const [r, g, b] = [toLinear(red), toLinear(green), toLinear(blue)]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** Linear light 0..1 -> sRGB byte. */
export function linearToByte(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear))
  const encoded = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055
  return Math.round(encoded * 255)
}

/** sRGB byte -> linear light 0..1. */
export function toLinear(byte: number): number {
  const encoded = byte / 255
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4
}
