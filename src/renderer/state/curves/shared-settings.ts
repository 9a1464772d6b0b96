// Problems of the Sample settings that a sweep or a verdict shares.
import { computed } from 'vue'
import { generator, generatorProblem } from '../sample/generator.ts'
import { settingProblems } from '../sample/settings.ts'

export const sharedProblem = computed(() =>
  generator.value
    ? generatorProblem.value
    : (settingProblems.value.classes ?? settingProblems.value.conditional ?? settingProblems.value.stage2),
)

/** Whether a form's number is whole and not below the least one. */
export const isWhole = (value: number | undefined, least: number): value is number =>
  value !== undefined && Number.isInteger(value) && value >= least
