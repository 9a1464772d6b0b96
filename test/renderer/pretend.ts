// The workbench over a pretended engine: `npx vite -c renderer.vite.config.ts test/renderer`, then
// /?runs=5&images=16&pace=80 in the address.
import type { ModelLibrary } from '../../src/shared/models.ts'
import { start } from '../../src/renderer/start.ts'
import library from './demo-library.json'
import { pretendEngine } from './pretend-engine.ts'

const asked = new URLSearchParams(location.search)
const number = (key: string, usual: number) => Number(asked.get(key) ?? usual)
const engine = pretendEngine({
  library: library as unknown as ModelLibrary,
  runs: number('runs', 5),
  images: number('images', 16),
  pace: number('pace', 80),
})
start(engine)
