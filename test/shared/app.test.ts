import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { APP } from '../../src/shared/app.ts'

test('the version told is the version released', () => {
  expect(APP).toEqual({ name: packageJson.name, version: packageJson.version })
})
