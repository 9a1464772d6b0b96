// The binding of a number field of the settings.
import { change, defaults, settingProblems, settings, type NumberFieldName } from '../sample/settings.ts'

/** Props and listener of the component that shows the field. */
export function numberField(field: NumberFieldName) {
  return {
    modelValue: settings.value[field],
    published: defaults.value[field],
    problem: settingProblems.value[field],
    'onUpdate:modelValue': (value: number | undefined) => change({ [field]: value }),
  }
}
