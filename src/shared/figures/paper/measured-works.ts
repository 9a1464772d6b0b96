// BibTeX entries of the works behind a measured value: metric, features, protocol, errors.
import { networkName } from '../../evaluation/network-name.ts'
import type { SeriesMeasured } from '../../evaluation/how-measured.ts'

export interface MeasuredWork {
  readonly key: string
  readonly bibtex: string
  usedFor(how: SeriesMeasured): boolean
}

const entry = (
  kind: 'inproceedings' | 'article' | 'book' | 'misc',
  key: string,
  fields: Readonly<Record<string, string>>,
): Pick<MeasuredWork, 'key' | 'bibtex'> => {
  const width = Math.max(...Object.keys(fields).map((name) => name.length))
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(width)} = {${value}}`)
  return { key, bibtex: `@${kind}{${key},\n${lines.join(',\n')}\n}` }
}

/** Of pixels or codes, not of features. */
const WITHOUT_FEATURES: ReadonlySet<string> = new Set([
  'psnr',
  'ssim',
  'codes_used',
  'codebook_usage',
  'code_perplexity',
])
const isInception = ({ metric, result }: SeriesMeasured) =>
  (metric === 'torch-fidelity' || metric === 'adm') && !WITHOUT_FEATURES.has(result)
const isDinov2 = (how: SeriesMeasured) => how.metric === 'dinov2' && networkName(how).startsWith('DINOv2')
const result = (start: string) => (how: SeriesMeasured) => how.result.startsWith(start)

/** Venue and pages as in the proceedings; the order is that of a sentence. */
export const MEASURED_WORKS: readonly MeasuredWork[] = [
  {
    usedFor: (how) => result('frechet_')(how) || result('spatial_')(how),
    ...entry('inproceedings', 'heusel2017gans', {
      title: '{GANs} Trained by a Two Time-Scale Update Rule Converge to a Local {Nash} Equilibrium',
      author:
        'Heusel, Martin and Ramsauer, Hubert and Unterthiner, Thomas and Nessler, Bernhard and Hochreiter, Sepp',
      booktitle: 'Advances in Neural Information Processing Systems',
      year: '2017',
      note: 'arXiv:1706.08500',
    }),
  },
  {
    usedFor: result('clip_maximum_mean'),
    ...entry('inproceedings', 'jayasumana2024rethinking', {
      title: 'Rethinking {FID}: Towards a Better Evaluation Metric for Image Generation',
      author:
        'Jayasumana, Sadeep and Ramalingam, Srikumar and Veit, Andreas and Glasner, Daniel and Chakrabarti, Ayan and Kumar, Sanjiv',
      booktitle: 'Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition',
      year: '2024',
      note: 'arXiv:2401.09603',
    }),
  },
  {
    usedFor: ({ metric, result }) => metric === 'clip' && !WITHOUT_FEATURES.has(result),
    ...entry('inproceedings', 'radford2021learning', {
      title: 'Learning Transferable Visual Models From Natural Language Supervision',
      author:
        'Radford, Alec and Kim, Jong Wook and Hallacy, Chris and Ramesh, Aditya and Goh, Gabriel and others',
      booktitle: 'International Conference on Machine Learning',
      year: '2021',
      note: 'arXiv:2103.00020',
    }),
  },
  {
    usedFor: result('ssim'),
    ...entry('article', 'wang2004image', {
      title: 'Image Quality Assessment: From Error Visibility to Structural Similarity',
      author: 'Wang, Zhou and Bovik, Alan C. and Sheikh, Hamid R. and Simoncelli, Eero P.',
      journal: 'IEEE Transactions on Image Processing',
      volume: '13',
      number: '4',
      pages: '600--612',
      year: '2004',
    }),
  },
  {
    usedFor: result('data_copying_score'),
    ...entry('inproceedings', 'meehan2020nonparametric', {
      title: 'A Non-Parametric Test to Detect Data-Copying in Generative Models',
      author: 'Meehan, Casey and Chaudhuri, Kamalika and Dasgupta, Sanjoy',
      booktitle: 'International Conference on Artificial Intelligence and Statistics',
      year: '2020',
      note: 'arXiv:2004.05675',
    }),
  },
  {
    usedFor: result('authpct'),
    ...entry('inproceedings', 'alaa2022faithful', {
      title:
        'How Faithful is your Synthetic Data? Sample-level Metrics for Evaluating and Auditing Generative Models',
      author: 'Alaa, Ahmed M. and van Breugel, Boris and Saveliev, Evgeny and van der Schaar, Mihaela',
      booktitle: 'International Conference on Machine Learning',
      year: '2022',
      note: 'arXiv:2102.08921',
    }),
  },
  {
    usedFor: result('spatial_'),
    ...entry('inproceedings', 'nash2021generating', {
      title: 'Generating Images with Sparse Representations',
      author: 'Nash, Charlie and Menick, Jacob and Dieleman, Sander and Battaglia, Peter W.',
      booktitle: 'International Conference on Machine Learning',
      year: '2021',
      note: 'arXiv:2103.03841',
    }),
  },
  {
    usedFor: result('inception_score'),
    ...entry('inproceedings', 'salimans2016improved', {
      title: 'Improved Techniques for Training {GANs}',
      author:
        'Salimans, Tim and Goodfellow, Ian and Zaremba, Wojciech and Cheung, Vicki and Radford, Alec and Chen, Xi',
      booktitle: 'Advances in Neural Information Processing Systems',
      year: '2016',
      note: 'arXiv:1606.03498',
    }),
  },
  {
    usedFor: result('kernel_'),
    ...entry('inproceedings', 'binkowski2018demystifying', {
      title: 'Demystifying {MMD} {GANs}',
      author: "Bi{\\'n}kowski, Miko{\\l}aj and Sutherland, Danica J. and Arbel, Michael and Gretton, Arthur",
      booktitle: 'International Conference on Learning Representations',
      year: '2018',
      note: 'arXiv:1801.01401',
    }),
  },
  {
    usedFor: ({ result }) => ['precision', 'recall', 'f_score'].includes(result),
    ...entry('inproceedings', 'kynkaanniemi2019improved', {
      title: 'Improved Precision and Recall Metric for Assessing Generative Models',
      author:
        'Kynk{\\"a}{\\"a}nniemi, Tuomas and Karras, Tero and Laine, Samuli and Lehtinen, Jaakko and Aila, Timo',
      booktitle: 'Advances in Neural Information Processing Systems',
      year: '2019',
      note: 'arXiv:1904.06991',
    }),
  },
  {
    usedFor: isInception,
    ...entry('inproceedings', 'szegedy2016rethinking', {
      title: 'Rethinking the {Inception} Architecture for Computer Vision',
      author:
        'Szegedy, Christian and Vanhoucke, Vincent and Ioffe, Sergey and Shlens, Jon and Wojna, Zbigniew',
      booktitle: 'Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition',
      year: '2016',
      note: 'arXiv:1512.00567',
    }),
  },
  {
    usedFor: isDinov2,
    ...entry('article', 'oquab2024dinov2', {
      title: '{DINOv2}: Learning Robust Visual Features without Supervision',
      author:
        "Oquab, Maxime and Darcet, Timoth{\\'e}e and Moutakanni, Th{\\'e}o and Vo, Huy and Szafraniec, Marc and others",
      journal: 'Transactions on Machine Learning Research',
      year: '2024',
      note: 'arXiv:2304.07193',
    }),
  },
  {
    usedFor: (how) => isDinov2(how) && networkName(how).endsWith(' reg'),
    ...entry('inproceedings', 'darcet2024vision', {
      title: 'Vision Transformers Need Registers',
      author: "Darcet, Timoth{\\'e}e and Oquab, Maxime and Mairal, Julien and Bojanowski, Piotr",
      booktitle: 'International Conference on Learning Representations',
      year: '2024',
      note: 'arXiv:2309.16588',
    }),
  },
  {
    usedFor: ({ metric, result }) => metric === 'dinov2' && !WITHOUT_FEATURES.has(result),
    ...entry('inproceedings', 'stein2023exposing', {
      title:
        'Exposing Flaws of Generative Model Evaluation Metrics and Their Unfair Treatment of Diffusion Models',
      author:
        'Stein, George and Cresswell, Jesse C. and Hosseinzadeh, Rasa and Sui, Yi and Ross, Brendan Leigh and others',
      booktitle: 'Advances in Neural Information Processing Systems',
      year: '2023',
      note: 'arXiv:2306.04675',
    }),
  },
  {
    usedFor: ({ metric }) => metric === 'torch-fidelity',
    ...entry('misc', 'obukhov2020torchfidelity', {
      title: 'High-Fidelity Performance Metrics for Generative Models in {PyTorch}',
      author:
        'Obukhov, Anton and Seitzer, Maximilian and Wu, Po-Wei and Zhydenko, Semen and Kyl, Jonathan and Lin, Elvis Yu-Jing',
      year: '2020',
      note: 'doi:10.5281/zenodo.4957738',
    }),
  },
  {
    usedFor: ({ metric }) => metric === 'adm',
    ...entry('inproceedings', 'dhariwal2021diffusion', {
      title: 'Diffusion Models Beat {GANs} on Image Synthesis',
      author: 'Dhariwal, Prafulla and Nichol, Alexander',
      booktitle: 'Advances in Neural Information Processing Systems',
      year: '2021',
      note: 'arXiv:2105.05233',
    }),
  },
  {
    usedFor: ({ error }) => error?.includes('jackknife') === true,
    ...entry('book', 'efron1993introduction', {
      title: 'An Introduction to the Bootstrap',
      author: 'Efron, Bradley and Tibshirani, Robert J.',
      publisher: 'Chapman \\& Hall',
      year: '1993',
    }),
  },
  {
    usedFor: ({ error }) => error?.includes('Wilson') === true,
    ...entry('article', 'wilson1927probable', {
      title: 'Probable Inference, the Law of Succession, and Statistical Inference',
      author: 'Wilson, Edwin B.',
      journal: 'Journal of the American Statistical Association',
      volume: '22',
      number: '158',
      pages: '209--212',
      year: '1927',
    }),
  },
]

export const worksFor = (how: SeriesMeasured): readonly MeasuredWork[] =>
  MEASURED_WORKS.filter(({ usedFor }) => usedFor(how))
