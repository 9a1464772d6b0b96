// Published results on ImageNet 256 x 256: Zhu et al., NeurIPS 2024 (arXiv 2410.12490), tables 1, 2 and 3, as printed.

/** How the rows of the release were measured; rows of other methods are quoted from their papers. */
export const PUBLISHED_PROTOCOL = 'torch-fidelity, 50,000 images against the ImageNet validation set'

export const PUBLISHED_TYPES = ['GAN', 'Diffusion', 'MIM', 'MIM+AR', 'AR'] as const
export type PublishedType = (typeof PUBLISHED_TYPES)[number]

/** A number and its digits as printed in the paper. */
export interface Printed {
  readonly value: number
  readonly text: string
}

interface Published {
  readonly method: string
  /** In millions. */
  readonly parameters: Printed
  /** The paper's own method. */
  readonly isDigit: boolean
}

export interface PublishedSamples extends Published {
  readonly type: PublishedType
  readonly epochs?: number
  readonly fid: Printed
  readonly inceptionScore?: Printed
  /** With classifier-free guidance. */
  readonly guided: boolean
}

export interface PublishedProbe extends Published {
  /** Tokens of an image. */
  readonly tokens: Printed
  /** Width of the features that are classified. */
  readonly features: Printed
  /** Top-1 accuracy in percent. */
  readonly top1: Printed
}

/** Type, method, parameters, epochs, FID, IS. */
export const UNCONDITIONAL = samplesOf(`
  GAN       | BigGAN         | 70M   | –    | 38.6  | 24.70
  Diffusion | LDM            | 395M  | –    | 39.1  | 22.83
  Diffusion | ADM            | 554M  | –    | 26.2  | 39.70
  MIM       | MAGE           | 200M  | 1600 | 11.1  | 81.17
  MIM       | MAGE           | 463M  | 1600 | 9.10  | 105.1
  MIM       | MaskGIT        | 227M  | 300  | 20.7  | 42.08
  MIM       | DiGIT + MaskGIT | 219M | 200  | 9.04  | 75.04
  AR        | VQGAN          | 214M  | 200  | 24.38 | 30.93
  AR        | DiGIT + VQGAN  | 219M  | 400  | 9.13  | 73.85
  AR        | DiGIT + VQGAN  | 732M  | 200  | 4.59  | 141.29`)

/** The same; * marks classifier-free guidance. */
export const CLASS_CONDITIONAL = samplesOf(`
  GAN       | BigGAN         | 160M  | –    | 6.95  | 198.2
  Diffusion | ADM            | 554M  | –    | 10.94 | 101.0
  Diffusion | LDM-4          | 400M  | –    | 10.56 | 103.5
  Diffusion | DiT-XL/2       | 675M  | –    | 9.62  | 121.50
  Diffusion | L-DiT-7B       | 7B    | –    | 6.09  | 153.32
  MIM       | CQR-Trans      | 371M  | 300  | 5.45  | 172.6
  MIM+AR    | VAR            | 310M  | 200  | 4.64  | –
  MIM+AR    | VAR            | 310M  | 200  | 3.60* | 257.5*
  MIM+AR    | VAR            | 600M  | 250  | 2.95* | 306.1*
  MIM       | MAGVIT-v2      | 307M  | 1080 | 3.65  | 200.5
  AR        | VQVAE-2        | 13.5B | –    | 31.11 | 45
  AR        | RQ-Trans       | 480M  | –    | 15.72 | 86.8
  AR        | RQ-Trans       | 3.8B  | –    | 7.55  | 134.0
  AR        | ViTVQGAN       | 650M  | 360  | 11.20 | 97.2
  AR        | ViTVQGAN       | 1.7B  | 360  | 5.3   | 149.9
  MIM       | MaskGIT        | 227M  | 300  | 6.18  | 182.1
  MIM       | DiGIT + MaskGIT | 219M | 200  | 4.62  | 146.19
  AR        | VQGAN          | 227M  | 300  | 18.65 | 80.4
  AR        | DiGIT + VQGAN  | 219M  | 400  | 4.79  | 142.87
  AR        | DiGIT + VQGAN  | 732M  | 200  | 3.39  | 205.96`)

/** Method, tokens, features, parameters, top-1 accuracy. */
export const LINEAR_PROBE: readonly PublishedProbe[] = rowsOf(`
  iGPT-L 32x32     | 32 × 32 | 1536 | 1362M | 60.3
  iGPT-XL 64x64    | 64 × 64 | 3072 | 6801M | 68.7
  VIM + VQGAN      | 32 × 32 | 1024 | 650M  | 61.8
  VIM + dVAE       | 32 × 32 | 1024 | 650M  | 63.8
  VIM + ViT-VQGAN  | 32 × 32 | 1024 | 650M  | 65.1
  VIM + ViT-VQGAN  | 32 × 32 | 2048 | 1697M | 73.2
  AIM              | 16 × 16 | 1536 | 0.6B  | 70.5
  DiGIT            | 16 × 16 | 1024 | 219M  | 71.7
  DiGIT            | 16 × 16 | 1536 | 732M  | 80.3`).map(
  ([method = '', tokens = '', features = '', size = '', top1 = '']) => ({
    ...publishedOf(method, size),
    tokens: { value: Number.parseInt(tokens) ** 2, text: tokens },
    features: printed(features)!,
    top1: printed(top1)!,
  }),
)

function samplesOf(table: string): readonly PublishedSamples[] {
  return rowsOf(table).map(([type, method = '', size = '', epochs, fid = '', score = '']) => {
    const inceptionScore = printed(score)
    return {
      type: type as PublishedType,
      ...publishedOf(method, size),
      ...(epochs === '–' ? {} : { epochs: Number(epochs) }),
      fid: printed(fid)!,
      ...(inceptionScore ? { inceptionScore } : {}),
      guided: fid.endsWith('*'),
    }
  })
}

function publishedOf(method: string, size: string): Published {
  const value = Number.parseFloat(size) * (size.endsWith('B') ? 1000 : 1)
  return { method, parameters: { value, text: size }, isDigit: method.startsWith('DiGIT') }
}

function printed(text: string): Printed | undefined {
  return text === '–' ? undefined : { value: Number.parseFloat(text), text }
}

function rowsOf(table: string): string[][] {
  const lines = table.trim().split('\n')
  return lines.map((line) => line.split('|').map((cell) => cell.trim()))
}
