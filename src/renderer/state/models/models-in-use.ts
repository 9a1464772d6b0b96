// The models in use: raw listing -> what can be asked of them.
import { computed, shallowRef } from 'vue'
import type { ModelFile, ModelSet, ModelRole } from '../../../shared/models/models.ts'

export const library = shallowRef<ModelSet>()
/** Why there is no library, where the engine says so. */
export const held = shallowRef<string>()

export const classNames = computed(() => library.value?.classNames ?? [])

/** What the set can do; everything is false while the models are being looked at. */
export const abilities = computed(() => {
  const set = library.value?.set ?? {}
  const plain = set.stage1 === undefined && set.vqAr !== undefined
  return {
    unconditional: set.stage1 !== undefined || plain,
    /** Without a class, codes are drawn by a plain model over VQGAN codes: no discriminative tokens, no stage 2. */
    plain,
    classes: set.stage1Class !== undefined,
    ar: set.stage2Ar !== undefined,
    nar: set.stage2Nar !== undefined,
    pixels: set.vqgan !== undefined,
  }
})

/** How many classes a request may name. */
export const classCount = computed(() => {
  const known = Number(fileOf('stage1Class')?.facts.classes ?? 0)
  return classNames.value.length > 0 ? classNames.value.length : known
})

/** The file that plays a role in the set. */
export function fileOf(role: ModelRole): ModelFile | undefined {
  const id = library.value?.set[role]
  return library.value?.files.find((file) => file.id === id)
}

/** `flags`, or `class 12` where the class has no name. */
export function className(index: number | undefined): string {
  if (index === undefined) return ''
  return classNames.value[index] ?? `class ${index}`
}
