// The published tables as series and rows of figures.
import {
  LINEAR_PROBE as PROBES,
  PUBLISHED_PROTOCOL,
  UNCONDITIONAL,
  type PublishedType,
} from '../../src/shared/evaluation/published.ts'

const tradeOff = (method: string) =>
  UNCONDITIONAL.filter((row) => row.method === method).map(({ fid, inceptionScore }) => [
    fid.value,
    inceptionScore!.value,
  ])
const probes = (method: RegExp) =>
  PROBES.filter((row) => method.test(row.method)).map(({ parameters, top1 }) => [
    parameters.value,
    top1.value,
  ])

/** Class-unconditional: FID, IS. */
export const TRADE_OFF = [
  { label: 'MAGE', points: tradeOff('MAGE'), line: 'none' },
  { label: 'DiGIT', points: tradeOff('DiGIT + VQGAN'), line: 'solid', protocol: PUBLISHED_PROTOCOL },
  { label: 'VQGAN', points: tradeOff('VQGAN'), line: 'none' },
  { label: 'MaskGIT', points: tradeOff('MaskGIT'), line: 'none' },
]

/** Linear probe: parameters in millions, top-1 accuracy. */
export const LINEAR_PROBE = [
  { label: 'DiGIT', points: probes(/^DiGIT$/) },
  { label: 'VIM + ViT-VQGAN', points: probes(/^VIM \+ ViT-VQGAN$/), line: 'dashed' },
  { label: 'iGPT', points: probes(/^iGPT/), line: 'dotted' },
]
export const AIM = { label: 'AIM 0.6B', y: probes(/^AIM$/)[0]![1] }

const TYPE_WORDS: Readonly<Partial<Record<PublishedType, string>>> = { MIM: 'Masked' }
/** The smaller MAGE is left out: the table shows the best of each method, and both of DiGIT. */
const shown = UNCONDITIONAL.filter(({ method, parameters }) => method !== 'MAGE' || parameters.value > 200)

export const TABLE = {
  columns: [
    { label: 'Type' },
    { label: 'Method' },
    { label: 'Params' },
    { label: 'Epochs' },
    { label: 'FID ↓', best: 'lowest' },
    { label: 'IS ↑', best: 'highest' },
  ],
  rows: shown.map(({ type, method, parameters, epochs, fid, inceptionScore }) => [
    TYPE_WORDS[type] ?? type,
    method,
    parameters.text,
    epochs === undefined ? '–' : String(epochs),
    fid.text,
    inceptionScore!.text,
  ]),
  rules: [3, 6],
}
