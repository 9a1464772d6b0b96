// BibTeX entries of the generators besides DiGIT, by family.
import type { FamilyName } from '../../generators/families.ts'

interface GeneratorWork {
  readonly key: string
  readonly bibtex: string
  readonly families: readonly string[]
}

/** `families` are those whose generator or tokenizer the work describes. */
export const GENERATOR_WORKS: readonly GeneratorWork[] = [
  {
    key: 'besnier2023maskgit',
    families: ['maskgit'],
    bibtex: `@misc{besnier2023maskgit,
  title  = {A {PyTorch} Reproduction of Masked Generative Image Transformer},
  author = {Besnier, Victor and Chen, Mickael},
  year   = {2023},
  note   = {arXiv:2310.14400}
}`,
  },
  {
    key: 'yu2024rar',
    families: ['rar'],
    bibtex: `@misc{yu2024rar,
  title  = {Randomized Autoregressive Visual Generation},
  author = {Yu, Qihang and He, Ju and Deng, Xueqing and Shen, Xiaohui and Chen, Liang-Chieh},
  year   = {2024},
  note   = {arXiv:2411.00776}
}`,
  },
  {
    key: 'sun2024llamagen',
    families: ['llamagen'],
    bibtex: `@misc{sun2024llamagen,
  title  = {Autoregressive Model Beats Diffusion: {Llama} for Scalable Image Generation},
  author = {Sun, Peize and Jiang, Yi and Chen, Shoufa and Zhang, Shilong and Peng, Bingyue and Luo, Ping and Yuan, Zehuan},
  year   = {2024},
  note   = {arXiv:2406.06525}
}`,
  },
  {
    key: 'tian2024var',
    families: ['var'],
    bibtex: `@inproceedings{tian2024var,
  title     = {Visual Autoregressive Modeling: Scalable Image Generation via Next-Scale Prediction},
  author    = {Tian, Keyu and Jiang, Yi and Yuan, Zehuan and Peng, Bingyue and Wang, Liwei},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2024},
  note      = {arXiv:2404.02905}
}`,
  },
]

/** Families whose images MAGE's VQGAN, or the masked decoding of MaskGIT, has a part in. */
export const OF_MAGE: readonly FamilyName[] = ['mage']
export const OF_MASKGIT: readonly FamilyName[] = ['mage', 'maskgit', 'rar']
