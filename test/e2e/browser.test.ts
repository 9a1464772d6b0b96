// The workbench in a browser: the journey of every host, and two tabs at once, which only a browser has.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { journey } from './stage/journey.ts'
import { images, openWorkbench, startRun, waitForImages, type Workbench } from './stage/workbench.ts'

describe('in a browser', () =>
  journey('browser', async () => {
    const workbench = await openWorkbench()
    return {
      visit: workbench.visit,
      killEngine: async () => void process.kill(workbench.host.enginePid()!, 'SIGKILL'),
      diesAtWork: true,
      errors: workbench.errors,
      close: workbench.close,
    }
  }))

describe('two tabs at once', () => {
  let workbench: Workbench
  let [one, two]: Page[] = []
  beforeAll(async () => {
    workbench = await openWorkbench()
    one = await workbench.visit('#/sample')
    two = await workbench.visit('#/sample')
  })
  afterAll(() => workbench?.close())

  it('both tabs follow a run, and either can cancel it', async () => {
    await startRun(one!, { Images: 200, Batch: 2, Seed: 41 })
    await two!.getByRole('heading', { name: 'Unconditional · AR · seed 41' }).waitFor()
    await Promise.all([waitForImages(one!, 2), waitForImages(two!, 2)])
    await two!.keyboard.press('Escape')
    await one!.getByText(/Cancelled · \d+ of 200/).waitFor()
    const made = await one!.getByText(/Cancelled · \d+ of 200/).textContent()
    expect(await two!.getByText(/Cancelled · \d+ of 200/).textContent()).toBe(made)
    await expect.poll(() => images(two!).count()).toBe(await images(one!).count())
  })

  it('the Sample page resumes a cancelled run, and the Library cancels it again', async () => {
    const id = (await (await workbench.api()).snapshot()).runs[0]!.id
    await two!.goto(two!.url().replace(/#.*/, `#/library/${id}`))
    await one!.getByRole('button', { name: 'Resume' }).click()
    await one!.getByText(/Cancelled · \d+ of 200/).waitFor({ state: 'detached' })
    await two!.getByRole('button', { name: 'Cancel', exact: true }).click()
    await one!.getByText(/Cancelled · \d+ of 200/).waitFor()
    await two!.getByRole('button', { name: 'Resume' }).waitFor()
    await two!.goto(two!.url().replace(/#.*/, '#/sample'))
  })

  it('runs started in both tabs queue and both finish', async () => {
    await startRun(one!, { Images: 4, Seed: 42 })
    await startRun(two!, { Images: 2, Seed: 43 })
    await one!.getByRole('heading', { name: 'Unconditional · AR · seed 42' }).waitFor()
    await two!.getByRole('heading', { name: 'Unconditional · AR · seed 43' }).waitFor()
    await Promise.all([waitForImages(one!, 4), waitForImages(two!, 2)])
  })

  it('closing models in one tab closes them in the other', async () => {
    for (const tab of [one!, two!]) {
      await tab.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Models' }).click()
      await tab.getByRole('heading', { name: 'Files' }).waitFor()
    }
    await one!.getByRole('button', { name: 'Close Demo' }).click()
    await two!.getByText('No models are open').waitFor()
    await two!.getByRole('button', { name: 'Open Demo' }).click()
    await one!.getByRole('heading', { name: 'Files' }).waitFor()
    expect(workbench.errors).toEqual([])
  })
})
