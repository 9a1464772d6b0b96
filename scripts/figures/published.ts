// Published results on ImageNet 256 x 256, for charts and tables. Zhu et al., NeurIPS 2024, tables 1 and 2.

const PROTOCOL = 'torch-fidelity, 50,000 images against the ImageNet validation set'

/** Class-unconditional: FID, IS. */
export const TRADE_OFF = [
  {
    label: 'MAGE',
    points: [
      [11.1, 81.17],
      [9.1, 105.1],
    ],
    line: 'none',
  },
  {
    label: 'DiGIT',
    points: [
      [9.13, 73.85],
      [4.59, 141.29],
    ],
    line: 'solid',
    protocol: PROTOCOL,
  },
  { label: 'VQGAN', points: [[24.38, 30.93]], line: 'none' },
  { label: 'MaskGIT', points: [[20.7, 42.08]], line: 'none' },
]

/** Linear probe: parameters in millions, top-1 accuracy. */
export const LINEAR_PROBE = [
  {
    label: 'DiGIT',
    points: [
      [219, 71.7],
      [732, 80.3],
    ],
  },
  {
    label: 'VIM + ViT-VQGAN',
    points: [
      [650, 65.1],
      [1697, 73.2],
    ],
    line: 'dashed',
  },
  {
    label: 'iGPT',
    points: [
      [1362, 60.3],
      [6801, 68.7],
    ],
    line: 'dotted',
  },
]
export const AIM = { label: 'AIM 0.6B', y: 70.5 }

export const TABLE = {
  columns: [
    { label: 'Type' },
    { label: 'Method' },
    { label: 'Params' },
    { label: 'Epochs' },
    { label: 'FID ↓', best: 'lowest' },
    { label: 'IS ↑', best: 'highest' },
  ],
  rows: [
    ['GAN', 'BigGAN', '70M', '–', '38.6', '24.70'],
    ['Diffusion', 'LDM', '395M', '–', '39.1', '22.83'],
    ['Diffusion', 'ADM', '554M', '–', '26.2', '39.70'],
    ['Masked', 'MAGE', '463M', '1600', '9.10', '105.1'],
    ['Masked', 'MaskGIT', '227M', '300', '20.7', '42.08'],
    ['Masked', 'DiGIT + MaskGIT', '219M', '200', '9.04', '75.04'],
    ['AR', 'VQGAN', '214M', '200', '24.38', '30.93'],
    ['AR', 'DiGIT + VQGAN', '219M', '400', '9.13', '73.85'],
    ['AR', 'DiGIT + VQGAN', '732M', '200', '4.59', '141.29'],
  ],
  rules: [3, 6],
}
