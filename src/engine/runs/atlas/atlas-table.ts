// The members of every entry -> table.npz, and the numbers that describe the whole codebook.
import type { AtlasInfo } from '../../../shared/atlas/atlas.ts'
import { openFile, readNpz, writeNpz } from '../../bytes/index.ts'
import { imagesPerClass, membersToTable, perplexity, type EntryColumns } from '../../tokens/atlas/table.ts'
import { isRare } from '../../../shared/atlas/atlas.ts'
import { distinctEntries, imagesPerEntry } from '../../tokens/atlas/together.ts'
import { isThere, readArray, tablePath } from './atlas-files.ts'
import type { AtlasWork } from './atlas-work.ts'
import type { DatasetRecord } from '../../records/token-dataset.ts'

const COLUMNS = [
  'cells',
  'images',
  'distance',
  'classEntropy',
  'topClass',
  'topClassLift',
  'positionEntropy',
] as const

export async function writeAtlasTable(
  work: AtlasWork,
  dataset: DatasetRecord,
): Promise<Omit<AtlasInfo, 'umap'>> {
  const { spec, codebook, stage } = work
  const classes = await readArray(spec.out, 'classes', Int32Array)
  const classImages = imagesPerClass(classes)
  if (!(await isThere(tablePath(spec.out)))) {
    stage('statistics of every entry')
    const images = imagesPerEntry(distinctEntries(await work.columns(), codebook.K), codebook.K)
    const columns = membersToTable(await work.members(), images, classes, classImages)
    await writeNpz(
      tablePath(spec.out),
      Object.fromEntries(Object.entries(columns).map(([name, data]) => [name, { data }])),
    )
  }
  const table = await readAtlasColumns(spec.out)
  const cells = (await work.columns()).tokens.length
  const rare = table.cells.reduce((sum, own) => sum + Number(isRare(own, cells, codebook.K)), 0)
  const distances = table.distance.reduce(
    (sum, mean, k) => sum + (table.cells[k]! === 0 ? 0 : mean * table.cells[k]!),
    0,
  )
  return {
    tokens: spec.tokens,
    entries: codebook.K,
    images: classes.length,
    cells,
    classNames: dataset.classNames,
    classImages: Array.from(classImages),
    dead: table.cells.reduce((sum, own) => sum + Number(own === 0), 0),
    rare,
    perplexity: perplexity(table.cells),
    ...(Number.isNaN(distances) ? {} : { quantisationError: distances / cells }),
  }
}

export async function readAtlasColumns(folder: string): Promise<EntryColumns> {
  const source = await openFile(tablePath(folder))
  try {
    const arrays = await readNpz(source, COLUMNS)
    const numbers = (name: (typeof COLUMNS)[number]) => Array.from(arrays.get(name)!.data, Number)
    return {
      cells: Uint32Array.from(numbers('cells')),
      images: Uint32Array.from(numbers('images')),
      distance: Float32Array.from(numbers('distance')),
      classEntropy: Float32Array.from(numbers('classEntropy')),
      topClass: Int32Array.from(numbers('topClass')),
      topClassLift: Float32Array.from(numbers('topClassLift')),
      positionEntropy: Float32Array.from(numbers('positionEntropy')),
    }
  } finally {
    await source.close()
  }
}
