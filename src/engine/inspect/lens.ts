// Logits after each layer -> what the model would have drawn there (the "logit lens": nostalgebraist, "interpreting GPT:
// the logit lens", 2020).
import { LENS_TOKENS, type LayerLens } from '../../shared/run/attention.ts'
import { logitsToKept } from '../../shared/run/sampler.ts'

/** `logits` [rows, V] with specials, -Infinity where an entry is not in the softmax; `token` is without specials. */
export function logitsToLens(logits: Float32Array, rows: number, token: number): LayerLens {
  const V = logits.length / rows
  const layers = Array.from({ length: rows }, (_, row) =>
    logitsToKept(logits.subarray(row * V, (row + 1) * V), { temperature: 1, topK: 0, topP: 0 }),
  )
  const ranks = Int32Array.from(layers, ({ tokens }) => tokens.indexOf(token))
  const top = Math.min(LENS_TOKENS, layers[0]!.tokens.length)
  return {
    probabilities: Float32Array.from(layers, ({ probabilities }, row) => probabilities[ranks[row]!]!),
    ranks,
    entropies: Float32Array.from(layers, ({ entropy }) => entropy),
    top,
    tokens: Int32Array.from(layers.flatMap(({ tokens }) => [...tokens.subarray(0, top)])),
    tokenProbabilities: Float32Array.from(
      layers.flatMap(({ probabilities }) => [...probabilities.subarray(0, top)]),
    ),
  }
}
