// Lloyd's iterations with restarts, as in faiss `Kmeans(niter, nredo)`, with a given assignment function.
import { imbalance, meansOf, splitEmptyClusters } from './faiss.ts'

/** Result of one pass over the training points. */
export interface Assignment {
  /** [K, D]: sums of the points of each cluster. */
  readonly sums: Float64Array
  /** [K]: number of points in each cluster. */
  readonly sizes: Float64Array
  /** Sum of the squared distances of all points to their centroids. */
  readonly objective: number
}

/** One iteration, as faiss reports it: the state before the centroids move. */
export interface Iteration {
  readonly objective: number
  readonly imbalance: number
  /** Number of empty clusters that got half of another. */
  readonly splits: number
}

/** The whole state of a training; it resumes from a saved copy. */
export interface Training {
  /** Iterations of each restart so far; the last one is running. */
  readonly restarts: readonly (readonly Iteration[])[]
  /** [K, D], of the current restart. */
  readonly centroids: Float32Array
  /** The restart with the lowest last objective among those that ended. */
  readonly best?: { readonly restart: number; readonly centroids: Float32Array }
}

export interface TrainingPlan {
  readonly iterations: number
  readonly restarts: number
  /** Number of training points. */
  readonly points: number
  /** Initial centroids [K, D] of a restart. */
  start(restart: number): Promise<Float32Array>
  assign(centroids: Float32Array): Promise<Assignment>
  /** Called after every iteration; an error it throws stops the training. */
  onIteration(training: Training): Promise<void>
}

/** Trains from `training`, or from the start, to the end; returns the centroids of the best restart. */
export async function train(plan: TrainingPlan, training?: Training): Promise<Training> {
  let now = training ?? { restarts: [[]], centroids: await plan.start(0) }
  for (;;) {
    const current = now.restarts.at(-1)!
    if (current.length < plan.iterations) {
      now = await iterate(plan, now)
      await plan.onIteration(now)
      continue
    }
    const ended = withBest(now)
    if (now.restarts.length === plan.restarts) return ended
    now = {
      ...ended,
      restarts: [...now.restarts, []],
      centroids: await plan.start(now.restarts.length),
    }
  }
}

async function iterate({ assign, points }: TrainingPlan, training: Training): Promise<Training> {
  const { sums, sizes, objective } = await assign(training.centroids)
  const centroids = meansOf(sums, sizes)
  const splits = splitEmptyClusters(centroids, sizes, points)
  const iteration = { objective, imbalance: imbalance(sizes), splits }
  return {
    ...training,
    centroids,
    restarts: [...training.restarts.slice(0, -1), [...training.restarts.at(-1)!, iteration]],
  }
}

function withBest(training: Training): Training {
  const { restarts, centroids, best } = training
  const last = (restart: number) => restarts[restart]!.at(-1)!.objective
  const now = restarts.length - 1
  return best && last(best.restart) <= last(now)
    ? training
    : { ...training, best: { restart: now, centroids } }
}
