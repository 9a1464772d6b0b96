// BibTeX entries of the works behind a figure's images: only those whose parts were used.
import type { SeriesMeasured } from '../../evaluation/how-measured.ts'
import { panelsOf, type Figure } from '../figure.ts'
import { GENERATOR_WORKS, OF_MAGE, OF_MASKGIT } from './generator-works.ts'
import { recipeGroups, type KeptRecipe } from './kept-recipe.ts'
import { MEASURED_WORKS } from './measured-works.ts'

interface Work {
  readonly key: string
  readonly bibtex: string
  /** Whether its parts were used for such an image. */
  usedIn(recipe: KeptRecipe): boolean
}

const isDigit = ({ stage1, stage2, encoder }: KeptRecipe): boolean =>
  (stage1 !== undefined && stage1.kind !== 'vq-ar') || stage2 !== undefined || encoder !== undefined

/** Venue and pages as in the proceedings. */
export const WORKS: readonly Work[] = [
  {
    key: 'zhu2024stabilize',
    usedIn: isDigit,
    bibtex: `@inproceedings{zhu2024stabilize,
  title     = {Stabilize the Latent Space for Image Autoregressive Modeling: A Unified Perspective},
  author    = {Zhu, Yongxin and Li, Bocheng and Zhang, Hang and Li, Xin and Xu, Linli and Bing, Lidong},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2024},
  note      = {arXiv:2410.12490}
}`,
  },
  {
    key: 'oquab2024dinov2',
    usedIn: isDigit,
    bibtex: `@article{oquab2024dinov2,
  title   = {{DINOv2}: Learning Robust Visual Features without Supervision},
  author  = {Oquab, Maxime and Darcet, Timoth{\\'e}e and Moutakanni, Th{\\'e}o and Vo, Huy and Szafraniec, Marc and others},
  journal = {Transactions on Machine Learning Research},
  year    = {2024},
  note    = {arXiv:2304.07193}
}`,
  },
  {
    key: 'johnson2019billion',
    usedIn: isDigit,
    bibtex: `@article{johnson2019billion,
  title   = {Billion-Scale Similarity Search with {GPUs}},
  author  = {Johnson, Jeff and Douze, Matthijs and J{\\'e}gou, Herv{\\'e}},
  journal = {IEEE Transactions on Big Data},
  year    = {2019},
  note    = {The K-Means of the discriminative tokens; arXiv:1702.08734}
}`,
  },
  {
    key: 'esser2021taming',
    usedIn: () => true,
    bibtex: `@inproceedings{esser2021taming,
  title     = {Taming Transformers for High-Resolution Image Synthesis},
  author    = {Esser, Patrick and Rombach, Robin and Ommer, Bj{\\"o}rn},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2021},
  note      = {arXiv:2012.09841}
}`,
  },
  {
    key: 'li2023mage',
    usedIn: ({ generator }) => !generator || OF_MAGE.includes(generator.family),
    bibtex: `@inproceedings{li2023mage,
  title     = {{MAGE}: {MA}sked Generative Encoder to Unify Representation Learning and Image Synthesis},
  author    = {Li, Tianhong and Chang, Huiwen and Mishra, Shlok and Zhang, Han and Katabi, Dina and Krishnan, Dilip},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2023},
  note      = {arXiv:2211.09117}
}`,
  },
  {
    key: 'chang2022maskgit',
    usedIn: ({ stage2, generator }) =>
      stage2?.masked !== undefined || (generator !== undefined && OF_MASKGIT.includes(generator.family)),
    bibtex: `@inproceedings{chang2022maskgit,
  title     = {{MaskGIT}: Masked Generative Image Transformer},
  author    = {Chang, Huiwen and Zhang, Han and Jiang, Lu and Liu, Ce and Freeman, William T.},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2022},
  note      = {arXiv:2202.04200}
}`,
  },
  ...GENERATOR_WORKS.map(({ families, ...work }): Work => ({
    ...work,
    usedIn: ({ generator }) => generator !== undefined && families.includes(generator.family),
  })),
]

/** How the values of a figure were measured. */
export const measuredOf = (figure: Figure): readonly SeriesMeasured[] =>
  panelsOf(figure).flatMap((panel) =>
    panel.kind === 'chart'
      ? panel.series.flatMap(({ how }) => how ?? [])
      : panel.kind === 'table'
        ? (panel.how ?? [])
        : [],
  )

/** The works behind the figure's images and values, each once; none if it has no record of either. */
export function citations(figure: Figure): readonly Pick<Work, 'key' | 'bibtex'>[] {
  const recipes = recipeGroups(figure).map(({ recipe }) => recipe)
  const measured = measuredOf(figure)
  const all = [
    ...WORKS.filter(({ usedIn }) => recipes.some(usedIn)),
    ...MEASURED_WORKS.filter(({ usedFor }) => measured.some(usedFor)),
  ]
  return all.filter(({ key }, i) => all.findIndex((other) => other.key === key) === i)
}

export function bibliography(figure: Figure): string {
  const used = citations(figure)
  const values = panelsOf(figure).some(
    (panel) =>
      panel.kind === 'map' ||
      (panel.kind === 'table' && !panel.how) ||
      (panel.kind === 'chart' && panel.series.some(({ how }) => !how)),
  )
  const rest = values ? '% Values typed into charts and tables: cite where they come from.\n' : ''
  return `${used.map(({ bibtex }) => `${bibtex}\n`).join('\n')}${rest}`
}
