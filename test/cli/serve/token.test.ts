// The access token of a workspace survives a restart of its server, and nobody else can read it.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspaceToken } from '../../../src/cli/serve/token.ts'
import { tokenFragment, tokenIn } from '../../../src/shared/contract/web-access.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const workspace = join(folder.path, 'workspace')
const file = join(workspace, 'web-token')

it('is the same after a restart', async () => {
  const token = await workspaceToken(workspace)
  expect(token).toMatch(/^[\w-]{32}$/)
  expect(readFileSync(file, 'utf8')).toBe(token)
  expect(await workspaceToken(workspace)).toBe(token)
  expect(await workspaceToken(join(folder.path, 'other'))).not.toBe(token)
})

it.runIf(process.platform !== 'win32').each([
  ['was readable by others', () => chmodSync(file, 0o644)],
  ['is damaged', () => writeFileSync(file, 'short')],
])('is another one if its file %s', async (_, change) => {
  const before = await workspaceToken(workspace)
  change()
  const after = await workspaceToken(workspace)
  expect(after).not.toBe(before)
  expect(await workspaceToken(workspace)).toBe(after)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('is one of the process if the workspace cannot be written', async () => {
  const blocked = folder.write('file', '')
  expect(await workspaceToken(join(blocked, 'workspace'))).toMatch(/^[\w-]{32}$/)
  mkdirSync(join(folder.path, 'odd', 'web-token'), { recursive: true })
  expect(await workspaceToken(join(folder.path, 'odd'))).toMatch(/^[\w-]{32}$/)
})

it('is in the fragment of the address, before the view', () => {
  expect(tokenIn(`${tokenFragment('a-_9')}#/evaluate?by=n`)).toEqual({
    token: 'a-_9',
    rest: '#/evaluate?by=n',
  })
  expect(tokenIn('#/sample')).toBeUndefined()
})
