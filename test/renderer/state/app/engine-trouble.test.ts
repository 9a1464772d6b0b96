import { beforeEach, expect, it } from 'vitest'
import type { EngineTrouble } from '../../../../src/shared/contract/desktop.ts'
import { engineTrouble, followEngineTrouble } from '../../../../src/renderer/state/app/engine-trouble.ts'
import { problems } from '../../../../src/renderer/state/app/problems.ts'
import { app } from '../../../../src/renderer/state/app/session.ts'

const TROUBLE = {
  message: 'exit code 1: Error: no libvips',
  lines: ['Error: no libvips'],
  log: '/logs/engine.log',
}
let tell: (trouble: EngineTrouble | undefined) => void = () => {}
followEngineTrouble(undefined)
followEngineTrouble({ onEngineTrouble: (listener) => (tell = listener) })

// Other files share this page.
beforeEach(() => {
  app.value = undefined
  problems.value = []
})

it('a page without results has the trouble itself, until the engine starts', () => {
  tell(TROUBLE)
  expect(engineTrouble.value).toEqual(TROUBLE)
  expect(problems.value).toEqual([])
  tell(undefined)
  expect(engineTrouble.value).toBeUndefined()
})

it('a page with results is told beside them', () => {
  app.value = { name: 'digit-workbench', version: '0' }
  tell(TROUBLE)
  expect(problems.value.map(({ title, text }) => [title, text])).toEqual([
    ['The engine cannot start', 'exit code 1: Error: no libvips (/logs/engine.log)'],
  ])
})
