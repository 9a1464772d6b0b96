// A finished image of a generator of another family than DiGIT -> that generator with its tokenizer, among open models.
import { FAMILIES } from '../../shared/generators/families.ts'
import { ModelError, RequestError } from '../../shared/errors.ts'
import type { DeviceName } from '../../shared/models/devices.ts'
import { shortHash } from '../../shared/models/model-hash.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import type { OpenGenerator, OpenModels } from '../model-set/open-models.ts'
import type { GeneratorRecipe, ImageRecord } from '../records/image-record.ts'
import type { Provider } from '../session/index.ts'

/** Throws RequestError for an image of DiGIT, ModelError if its generator or its tokenizer is not open. */
export async function generatorOf(
  { recipe: { generator, vqgan } }: ImageRecord,
  models: OpenModels,
): Promise<{ readonly recipe: GeneratorRecipe; readonly open: OpenGenerator }> {
  if (!generator) throw new RequestError('generator: none drew this image (found DiGIT)')
  const { family, sha256, heads, side } = generator
  const { title } = FAMILIES[family]
  const file = models.modelSet.files.find((one) => one.kind === 'generator' && one.sha256 === sha256)
  if (!file)
    throw new ModelError(`${title}: the model of this image is not open (expected ${shortHash(sha256)})`)
  const open = await models.generator({
    family,
    file: file.id,
    ...(heads === undefined ? {} : { heads }),
    ...(side === undefined ? {} : { side }),
  })
  const tokenizer = open.vqgan.file
  if (tokenizer.sha256 !== vqgan)
    throw new ModelError(
      `${tokenizer.path}: not the tokenizer of this image (found ${shortHash(tokenizer.sha256)}, expected ${shortHash(vqgan)})`,
    )
  return { recipe: generator, open }
}

/** The recorded device if it is available here, else the CPU. */
export const providerOf = async ({ recipe }: ImageRecord): Promise<Provider> =>
  (await chooseDevice(recipe.provider as DeviceName).catch(() => chooseDevice('cpu'))).provider
