// What could not be read of images is requested again: after a reconnect, and when they come back from the trash.
import { retryAttention } from '../inspect/why.ts'
import { retryLogits } from './logits.ts'
import { retryPictures } from './pictures.ts'
import { retryRecords } from './records.ts'
import { retryScalePictures } from './scale-pictures.ts'
import { retrySources } from './sources.ts'

export function retryImages(): void {
  retryPictures()
  retryRecords()
  retrySources()
  retryScalePictures()
  retryLogits()
  retryAttention()
}
