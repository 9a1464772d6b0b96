// An open generator -> its decoder, which draws with the settings of its family.
import type { GeneratorSettings } from '../../../shared/generators/settings.ts'
import type { OpenGenerator } from '../../model-set/open-models.ts'
import type { Provider } from '../../session/index.ts'
import type { GeneratorDecoder } from './decoder.ts'
import { openMaskedGenerator } from './masked.ts'
import { openRasterDecoder } from './raster.ts'
import { maskedRule, rasterRule, scalesRule } from './rules.ts'
import { openScalesDecoder } from './scales.ts'

export type FamilyDecoder = GeneratorDecoder<GeneratorSettings>

export async function openFamilyDecoder(
  { family, network, model, vqgan }: OpenGenerator,
  provider: Provider,
): Promise<FamilyDecoder> {
  const { path } = model.file
  if (network.order === 'raster')
    return withSettings(await openRasterDecoder(network, path, provider), (settings) =>
      rasterRule(family, settings, network.cells),
    )
  if (network.order === 'scales')
    return withSettings(await openScalesDecoder(network, path, vqgan.tensors, provider), (settings) =>
      scalesRule(family, settings, network.sides.length),
    )
  return withSettings(await openMaskedGenerator(network, path, provider), (settings) =>
    maskedRule(family, settings, network.cells),
  )
}

const withSettings = <Rule>(
  decoder: GeneratorDecoder<Rule>,
  ruleOf: (settings: GeneratorSettings) => Rule,
): FamilyDecoder => ({
  draw: (images, settings, callbacks) => decoder.draw(images, ruleOf(settings), callbacks),
  close: () => decoder.close(),
})
