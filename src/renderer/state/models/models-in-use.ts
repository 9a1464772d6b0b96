// The models in use: raw listing -> what they support.
import { computed, shallowRef } from 'vue'
import type { ModelFile, ModelSet, ModelRole } from '../../../shared/models/models.ts'

export const modelSet = shallowRef<ModelSet>()
/** Why there is no listing, if the engine reported a reason. */
export const held = shallowRef<string>()
/** Why nothing can be started yet; undefined once the models are listed. */
export const modelsWait = computed(() =>
  modelSet.value ? undefined : (held.value ?? 'The models are still being scanned'),
)

export const classNames = computed(() => modelSet.value?.classNames ?? [])

/** What the set supports; everything is false while the models are being scanned. */
export const abilities = computed(() => {
  const set = modelSet.value?.set ?? {}
  const plain = set.stage1 === undefined && set.vqAr !== undefined && damagedFile('stage1') === undefined
  return {
    unconditional: set.stage1 !== undefined || plain,
    /** Unconditional codes are sampled by a plain model over VQGAN codes: no discriminative tokens, no stage 2. */
    plain,
    classes: set.stage1Class !== undefined,
    ar: set.stage2Ar !== undefined,
    nar: set.stage2Nar !== undefined,
    pixels: set.vqgan !== undefined,
  }
})

/** Number of classes available. */
export const classCount = computed(() => {
  const known = Number(fileOf('stage1Class')?.facts.classes ?? 0)
  return classNames.value.length > 0 ? classNames.value.length : known
})

/** The file that plays a role in the set. */
export function fileOf(role: ModelRole): ModelFile | undefined {
  const id = modelSet.value?.set[role]
  return modelSet.value?.files.find((file) => file.id === id)
}

/** The file that may have a role which no open file has, and why it cannot be used. */
export const damagedFile = (role: ModelRole): string | undefined => modelSet.value?.damaged?.[role]

/** `flags`, or `class 12` if the class has no name. */
export function className(index: number | undefined): string {
  if (index === undefined) return ''
  return classNames.value[index] ?? `class ${index}`
}
