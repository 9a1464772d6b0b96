// Statistics of a codebook's entries, as pages and the command line receive them. K = entries.
import { gridOfCells, type GridShape } from '../grid/shape.ts'

/** Totals that the shares refer to. */
export interface AtlasInfo {
  /** Name of the layer. */
  readonly tokens: string
  /** Entries of the codebook. */
  readonly entries: number
  readonly images: number
  /** Of all images; each has the same grid (`gridOfAtlas`). */
  readonly cells: number
  /** Class names of the data set; empty if unknown. */
  readonly classNames: readonly string[]
  /** Images per class; empty if images have no class. */
  readonly classImages: readonly number[]
  /** Entries with no cell. */
  readonly dead: number
  /** Entries used less than a tenth as often as the average, excluding dead ones. */
  readonly rare: number
  /** exp of the usage entropy: the number of equally used entries with the same diversity. */
  readonly perplexity: number
  /** Mean squared distance to the centroids; absent if the tokens have no distances. */
  readonly quantisationError?: number | undefined
  /** Whether a UMAP layout exists. */
  readonly umap: boolean
}

/** The grid of every image of an atlas. */
export const gridOfAtlas = ({ cells, images }: Pick<AtlasInfo, 'cells' | 'images'>): GridShape =>
  gridOfCells(cells / images)

/** One number per entry, [K] each. */
export interface AtlasTable {
  /** Cells with this entry; its share of all cells is its usage. */
  readonly cells: Uint32Array
  /** Images with at least one such cell; their share is its density. */
  readonly images: Uint32Array
  /** Mean squared distance of its cells to the centroid; NaN where unknown. */
  readonly distance: Float32Array
  /** Entropy in nats of the classes of its cells, over images with a class; NaN if there are none. */
  readonly classEntropy: Float32Array
  /** The class with the highest lift among those whose lift is above 1 for certain (`classLift`); -1 if none. */
  readonly topClass: Int32Array
  /** p(class | entry) / p(class) of that class, over cells. */
  readonly topClassLift: Float32Array
  /** Entropy in nats of the positions of its cells; at most the logarithm of positions or cells, whichever are fewer. */
  readonly positionEntropy: Float32Array
  /** Principal components of the codebook, [K, 2]. */
  readonly pca: Float32Array
  /** [K, 2]; absent until it has been computed. */
  readonly umap?: Float32Array
}

/** A cell of an image of the data set. */
export interface Example {
  readonly image: number
  /** In raster order. */
  readonly cell: number
  readonly distance?: number
}

/** Another entry and its count. */
export interface Counted {
  readonly entry: number
  readonly count: number
}

/** Another entry and its distance. */
export interface Neighbour {
  readonly entry: number
  /** Squared L2 distance, or 1 - cosine. */
  readonly distance: number
}

export const DIRECTIONS = ['right', 'left', 'above', 'below'] as const
export type Direction = (typeof DIRECTIONS)[number]

/**
 * Examples between two quantiles of an entry's cells, ordered by distance: 0 to 0.05 is the nearest
 * twentieth. The first band shows the very nearest, the last the very farthest, the others are spread evenly.
 */
export interface Band {
  readonly from: number
  readonly to: number
  /** Cells in the band. */
  readonly cells: number
  readonly examples: readonly Example[]
}

/** A class of an entry's cells. */
export interface ClassLift {
  readonly class: number
  readonly cells: number
  /** p(class | entry) / p(class) over cells. */
  readonly lift: number
  /** 95 % interval over images, for all classes of the entry together: above 1 the class is over-represented. */
  readonly low: number
  readonly high: number
}

/** Everything about one entry. */
export interface AtlasEntry {
  readonly entry: number
  readonly cells: number
  readonly images: number
  readonly isDead: boolean
  readonly isRare: boolean
  /** Cells by position, in raster order: one number per cell of a grid. */
  readonly positions: Uint32Array
  /** Squared distances in bins of equal width; absent if unknown or there are no cells. */
  readonly distances?: { readonly from: number; readonly to: number; readonly counts: Uint32Array }
  /** Cells by class, highest lift first; empty if images have no class. */
  readonly classes: readonly ClassLift[]
  readonly classEntropy: number
  readonly positionEntropy: number
  /** Nearest first, then outwards, farthest last; a single band if distances are unknown. */
  readonly bands: readonly Band[]
  /** Entries adjacent to it, most frequent first, and the number of cells that have a neighbour there. */
  readonly beside: Readonly<Record<Direction, { readonly of: number; readonly entries: readonly Counted[] }>>
  /** Entries in the same images, by number of images, and by lift among those in at least 5. */
  readonly together: { readonly byCount: readonly Counted[]; readonly byLift: readonly Counted[] }
  readonly nearest: { readonly l2: readonly Neighbour[]; readonly cosine: readonly Neighbour[] }
}

/** Usage of one codebook in two data sets: A (real) and B (generated). */
export interface UsageComparison {
  /** Jensen-Shannon divergence in nats, at most ln 2. */
  readonly jensenShannon: number
  /**
   * Half the sum of absolute differences of shares: the fraction of cells that would have to change entry.
   */
  readonly totalVariation: number
  /** Kullback-Leibler divergences in nats, with half a cell added to every entry. */
  readonly kullbackLeibler: { readonly ofAFromB: number; readonly ofBFromA: number }
  /** log2 of B's share over A's, with half a cell added to every entry: above 0 means overused in B. NaN: in neither. [K] */
  readonly logRatio: Float32Array
  /** Entries used only in A, only in B, in neither. */
  readonly onlyA: number
  readonly onlyB: number
  readonly neither: number
}

/** Divergences to the same real images: of n samples, and of n other real images in their place. */
export interface UsageFloor {
  readonly n: number
  /** Real images on the other side. */
  readonly m: number
  /** Means over random divisions, each of the same real images. */
  readonly jensenShannon: { readonly samples: number; readonly real: number }
  readonly totalVariation: { readonly samples: number; readonly real: number }
}

/** A comparison with what chance alone gives. */
export interface JudgedUsage extends UsageComparison {
  /** 95 % interval of the log-ratio over images, [K]; NaN where neither set has the entry. */
  readonly low: Float32Array
  readonly high: Float32Array
  /** Entries that differ for certain although all entries were tested, the most first. */
  readonly over: readonly number[]
  readonly under: readonly number[]
  /** Absent with too few real images. */
  readonly floor?: UsageFloor
}

/** Fraction of the mean usage below which an entry is rare. */
const RARE_SHARE = 0.1

/** Entries used less than a tenth as often as the mean, and at least once. */
export const isRare = (cells: number, allCells: number, entries: number): boolean =>
  cells > 0 && cells < (RARE_SHARE * allCells) / entries
