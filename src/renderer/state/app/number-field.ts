// What a number field of the settings takes and tells.
import { change, defaults, settingProblems, settings, type NumberFieldName } from '../sample/settings.ts'

/** Properties and listener of the component that shows the field. */
export function numberField(field: NumberFieldName) {
  return {
    modelValue: settings.value[field],
    published: defaults.value[field],
    problem: settingProblems.value[field],
    'onUpdate:modelValue': (value: number | undefined) => change({ [field]: value }),
  }
}
