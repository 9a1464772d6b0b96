// Appearance: light or dark theme, and the token colors. Kept across visits.
import { shallowRef, watchEffect, type ShallowRef } from 'vue'
import { TOKEN_PALETTES, type TokenPalette } from '../../../shared/colour/token-palette.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const theme = kept<Theme>('digit.theme', THEMES)
export const palette = kept<TokenPalette>('digit.token-colors', TOKEN_PALETTES)

/** Applies the theme to the document. */
export function followTheme(): void {
  watchEffect(() => {
    document.documentElement.dataset.theme = theme.value
  })
}

/** The next of the three. */
export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!
}

/** The next of the four. */
export function nextPalette(): void {
  palette.value = TOKEN_PALETTES[(TOKEN_PALETTES.indexOf(palette.value) + 1) % TOKEN_PALETTES.length]!
}

/** The default if nothing was saved. */
function kept<T extends string>(key: string, choices: readonly T[]): ShallowRef<T> {
  const found = globalThis.localStorage?.getItem(key)
  const value: ShallowRef<T> = shallowRef(choices.find((choice) => choice === found) ?? choices[0]!)
  watchEffect(() => globalThis.localStorage?.setItem(key, value.value))
  return value
}
