import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { APP } from '../../src/shared/app.ts'

test('the reported version is that of package.json', () => {
  expect(APP).toEqual({ name: packageJson.name, version: packageJson.version })
})
