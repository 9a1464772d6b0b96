// The recipe of an image as a table, and the settings its rows restore.
import { describe, expect, it, vi } from 'vitest'
import type { ImageDetails } from '../../../../src/shared/contract/api.ts'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
const { generatorSettings, isSet, recipeGroups, recipeSettings } =
  await import('../../../../src/renderer/state/library/recipe.ts')
const { publishedDefaults } = await import('../../../../src/renderer/state/sample/settings.ts')

const details: ImageDetails = {
  image: 3,
  class: 2,
  codes: { tokens: new Int32Array(256) },
  recipe: {
    seed: 7,
    stage1: { kind: 'stage1', sha256: 'a'.repeat(64), sampling: { temperature: 0.9, topK: 300, topP: 0 } },
    stage2: {
      kind: 'stage2-nar',
      sha256: 'b'.repeat(64),
      sampling: { temperature: 1, topK: 0, topP: 0 },
      masked: { steps: 12, choiceTemperature: 4.5 },
    },
    vqgan: 'c'.repeat(64),
    weightBits: 32,
    provider: 'cpu',
  },
}
const groups = recipeGroups(details, (index) => `name ${index}`)
const rows = groups.flatMap(({ title, rows }) => rows.map((row) => ({ title, ...row })))

describe('the recipe', () => {
  it('the recipe lists every setting', () => {
    expect(rows.map(({ title, label, value }) => `${title}/${label}: ${value}`)).toMatchInlineSnapshot(`
      [
        "Image/Number: 3",
        "Image/Seed: 7",
        "Image/Class: name 2 (2)",
        "Stage 1/Temperature: 0.9",
        "Stage 1/Top-k: 300",
        "Stage 1/Top-p: off",
        "Stage 2/Kind: masked (NAR)",
        "Stage 2/Steps: 12",
        "Stage 2/Choice temperature: 4.5",
        "Stage 2/Temperature: 1",
        "Stage 2/Top-k: off",
        "Stage 2/Top-p: off",
        "Computed with/Precision: fp32",
        "Computed with/Device: cpu",
        "Models/Stage 1: aaaaaaaaaaaa",
        "Models/Stage 2: bbbbbbbbbbbb",
        "Models/VQGAN: cccccccccccc",
      ]
    `)
  })
  it('the recipe restores every setting', () => {
    expect(recipeSettings(groups, publishedDefaults(false, 'ar'))).toMatchObject({
      conditional: true,
      classes: [2],
      seed: 7,
      seedRule: 'fixed',
      stage2: 'nar',
      steps: 12,
      stage1Temperature: 0.9,
    })
  })
  it('the order of masked decoding is restored, also the usual one', () => {
    const now = { ...publishedDefaults(false, 'nar'), halton: true }
    expect(recipeSettings(groups, now).halton).toBe(false)
    const recipe = details.recipe as { stage2: { masked: object } }
    const stage2 = { ...recipe.stage2, masked: { ...recipe.stage2.masked, halton: true } }
    const own = recipeGroups({ ...details, recipe: { ...recipe, stage2 } }, String)
    expect(recipeSettings(own, publishedDefaults(false, 'nar')).halton).toBe(true)
  })
  it('the recipe marks values that the settings already have', () => {
    const now = recipeSettings(groups, publishedDefaults(false, 'ar'))
    expect(rows.filter(({ fields }) => fields).every((row) => isSet(row, now))).toBe(true)
    expect(rows.filter((row) => isSet(row, { ...now, seed: 8 }) === false && row.fields)).toHaveLength(1)
  })
  it.each([undefined, null, 3, {}, { stage1: 'x', stage2: [] }])(
    'the recipe of a record like %j is short',
    (recipe) => {
      expect(recipeGroups({ image: 0, codes: details.codes, recipe }, String)[0]?.title).toBe('Image')
    },
  )

  it('the generator is found by its hash, with the sizes and settings that it drew with', () => {
    const now = publishedDefaults(false, 'ar')
    const generator = { family: 'mage', sha256: 'd'.repeat(64), heads: 12, settings: { steps: 20 } }
    const files = [{ id: 'mage-file', sha256: 'd'.repeat(64) }]
    expect(generatorSettings({ generator }, files, now)).toEqual({
      generator: 'mage-file',
      generatorValues: { steps: 20 },
      generatorHeads: { 'mage-file': 12 },
      generatorSides: {},
    })
    expect(generatorSettings({ generator }, [], now)).toEqual({})
    expect(generatorSettings(details.recipe, files, now)).toEqual({})
  })
})
