// Facts about a protocol that need no open files.
import type { ProtocolName } from '../../../shared/evaluation/evaluation.ts'
import type { ModelFile } from '../../../shared/models/models.ts'
import { PROTOCOLS, type ExtractorName } from '../../metrics/index.ts'
import { INCEPTION_WIDTHS } from '../../models/inception/inception.ts'
import type { Layers } from './extractor.ts'

export const extractorOf = (protocol: ProtocolName): ExtractorName => PROTOCOLS[protocol].extractor
export const protocolSummary = (protocol: ProtocolName): string => PROTOCOLS[protocol].summary

/** Widths of the features that a file gives. */
export const extractorLayers = (extractor: ExtractorName, { facts }: ModelFile): Layers =>
  extractor === 'inception'
    ? {
        features: INCEPTION_WIDTHS.features,
        logits: INCEPTION_WIDTHS.logits,
        spatial: INCEPTION_WIDTHS.spatial,
      }
    : { features: Number(extractor === 'clip' ? facts.embedding : facts.width) }
