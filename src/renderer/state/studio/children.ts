// The runs made from one image.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { SampleRequest } from '../../../shared/run/run.ts'

/** The runs made from an image, in the order of `runs`. */
export function childrenOf(
  runs: readonly WorkspaceRun[],
  run: string,
  image: number,
): readonly (WorkspaceRun & { readonly request: SampleRequest })[] {
  return runs.filter(
    (child): child is WorkspaceRun & { readonly request: SampleRequest } =>
      child.request?.from?.run === run && child.request.from.image === image,
  )
}
