// A fairseq checkpoint -> its training progress.
import { dataAt, type Weights } from '../checkpoint/index.ts'

/**
 * Finished epochs, and updates; fields missing in the file are absent. At the end of an epoch fairseq saves the number
 * of the next one (fairseq/data/iterators.py, EpochBatchIterator.state_dict).
 */
export function trainingProgress({ data }: Weights): { readonly epoch?: number; readonly updates?: number } {
  const epoch = dataAt(data, 'extra_state.train_iterator.epoch')
  const within = dataAt(data, 'extra_state.train_iterator.iterations_in_epoch')
  const history = dataAt(data, 'optimizer_history')
  const last = Array.isArray(history) ? history.at(-1) : undefined
  const updates = last instanceof Map ? last.get('num_updates') : undefined
  return {
    ...(typeof epoch === 'number' ? { epoch: within === 0 ? epoch - 1 : epoch } : {}),
    ...(typeof updates === 'number' ? { updates } : {}),
  }
}
