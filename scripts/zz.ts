import { openWorkbench } from '../test/e2e/workbench.ts'
import { makeFigureRuns } from '../test/e2e/figure-runs.ts'
const w = await openWorkbench()
const runs = await makeFigureRuns(w.workspace)
const tab = await w.visit('#/figures')
tab.setDefaultTimeout(8000)
try {
await tab.getByText('No figures yet').waitFor()
await tab.getByRole('button', { name: 'New figure' }).first().click()
await tab.getByLabel('Name').fill('panels')
await tab.getByRole('button', { name: /^Sample grid/ }).click()
await tab.getByRole('heading', { level: 1, name: 'panels' }).waitFor()
await tab.getByRole('button', { name: 'Choose images' }).click()
const dialog = tab.getByRole('dialog')
await dialog.getByRole('combobox', { name: 'How images are chosen' }).selectOption('order')
await dialog.getByRole('combobox', { name: 'Run' }).selectOption(runs.classes)
await dialog.getByRole('spinbutton', { name: 'Images' }).fill('8')
await tab.screenshot({ path: '/tmp/f0.png' })
await dialog.getByRole('button', { name: `Show these 8` }).click()
await tab.waitForTimeout(1500)
await tab.screenshot({ path: '/tmp/f1.png' })
for (const name of [/^Reconstruction strip/, /^Trade-off/]) {
  await tab.getByRole('button', { name: 'Panel', exact: true }).click()
  await tab.waitForTimeout(300)
  await tab.screenshot({ path: '/tmp/f2.png' })
  await tab.getByRole('button', { name }).click()
  await tab.waitForTimeout(1500)
}
} catch (e) { console.log(String(e).slice(0, 300)) }
await tab.screenshot({ path: '/tmp/f3.png' })
console.log(await tab.locator('aside, .side').last().innerText().catch((e) => e))
console.log(w.errors)
await w.close()
