// A picture of any kind -> its clusters in an atlas, one per cell.
import { RequestError } from '../../shared/errors.ts'
import { gridOfAtlas } from '../../shared/atlas/atlas.ts'
import { entriesOf } from '../../shared/grid/layout.ts'
import type { PictureClusters } from '../../shared/atlas/find-clusters.ts'
import { shortHash } from '../../shared/models/model-hash.ts'
import { decodeImage, encodePng, preprocess } from '../images/index.ts'
import type { Atlas } from '../runs/atlas/atlas-read.ts'
import { scope } from '../devices/scope.ts'
import { openModels, type OpenModel } from '../model-set/open-models.ts'
import type { Networks } from '../devices/network-pool.ts'
import { vqganConfig } from '../tokenizer/tokenizer.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import { codeLayers } from '../models/vqgan.ts'
import { vqganOf } from '../runs/atlas/codebook-entries.ts'
import { splitLayers } from '../tokens/grid.ts'
import { runNetworks } from '../runs/run-networks.ts'
import { RELEASE_SIZE } from '../runs/picture-encoding.ts'
import { pictureSide } from '../workspace/atlases.ts'

export interface PictureToFind {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Throws FormatError for a file that is not a picture, RequestError if the codebook of the models differs from that of
 * the atlas.
 */
export function pictureClusters(
  { name, bytes }: PictureToFind,
  atlas: Atlas,
  model: Parameters<typeof openModels>,
  networks: Networks,
): Promise<PictureClusters> {
  const grid = gridOfAtlas(atlas.info)
  return scope(async (keep) => {
    const image = await decodeImage(bytes, name)
    const models = keep(await openModels(...model))
    const { provider } = await chooseDevice('auto')
    const open = runNetworks({ networks }, keep, provider)
    const isOfAtlas = ({ file }: OpenModel) => {
      if (file.sha256 !== atlas.codebook.sha256)
        throw new RequestError(
          `the atlas was made with another ${entriesOf(atlas.info.tokens) === 'codes' ? 'VQGAN' : 'codebook'}: ` +
            `sha256 ${shortHash(atlas.codebook.sha256)}, open ${shortHash(file.sha256)}`,
        )
    }
    const tokenizer = async () => {
      if (entriesOf(atlas.info.tokens) === 'codes') {
        const made = await vqganOf(models, atlas.codebook.sha256)
        isOfAtlas(made)
        // Scales have grids of their own.
        const vqgan = vqganConfig(made).scales ? made : { ...made, grid }
        return { network: await open.vqTokenizer(vqgan), layers: codeLayers(vqganConfig(vqgan)) }
      }
      const codebook = await models.open('codebook')
      isOfAtlas(codebook)
      const size = models.has('vqgan') ? vqganConfig(await models.open('vqgan')).resolution : RELEASE_SIZE
      return { network: await open.tokenizer(await models.open('encoder'), codebook, size) }
    }
    const { network, layers } = await tokenizer()
    const [found] = await network.tokens([preprocess(image, network.size)])
    const split = layers && splitLayers(found!, layers)
    // Of several scales an atlas of codes has the finest.
    const shown = split ? (split[atlas.info.tokens] ?? Object.values(split).at(-1)!) : found!
    return { png: await encodePng(preprocess(image, pictureSide(grid))), ...shown }
  })
}
