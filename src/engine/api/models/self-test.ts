// The part of the contract that is about this machine: its devices, and the test of the models on each of them.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineApi, EngineEvents } from '../../../shared/contract/api.ts'
import type { DeviceSurvey, SelfTest, SelfTestReport } from '../../../shared/models/self-test.ts'
import { surveyDevices } from '../../devices/device-probe.ts'
import { runSelfTest } from '../../runs/self-test/self-test.ts'
import { writeFileAtomic as keepText } from '../../bytes/index.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from './models.ts'

export interface SelfTestCalls {
  readonly calls: Pick<EngineApi, 'surveyDevices' | 'startSelfTest' | 'cancelSelfTest'>
  readonly current: () => Promise<SelfTest>
}

export interface SelfTestOptions {
  readonly workspace: string
  readonly modelsInUse: () => OpenModelSet
  /** Does the work when no run is at work, and keeps runs waiting meanwhile. */
  readonly alone: (work: () => Promise<void>) => void
  readonly events: Pick<EngineEvents, 'selfTestChanged'>
  /** Tries the devices; tests know them. @default surveyDevices */
  readonly survey?: () => Promise<DeviceSurvey>
}

export function selfTestCalls(options: SelfTestOptions): SelfTestCalls {
  const { workspace, modelsInUse, alone, events, survey = surveyDevices } = options
  const path = join(workspace, 'self-test.json')
  let status: SelfTest['status'] = { state: 'idle' }
  let report: SelfTestReport | undefined
  let kept: Promise<void> | undefined
  let controller: AbortController | undefined
  let devices: Promise<DeviceSurvey> | undefined

  const surveyed = () => (devices ??= survey())
  const current = async (): Promise<SelfTest> => {
    kept ??= readReport(path).then((found) => void (report ??= found))
    await kept
    return { status, ...(report ? { report } : {}) }
  }
  const become = (next: SelfTest['status']) => {
    status = next
    events.selfTestChanged({ status, ...(report ? { report } : {}) })
  }
  const work = async ({ fields, folders }: OpenModelSet, mine: AbortController) => {
    const { signal } = mine
    // Stopped while it waited.
    if (signal.aborted) return
    try {
      become({ state: 'running', step: 0, of: 1, note: 'trying the devices' })
      report = await runSelfTest(fields, await surveyed(), {
        signal,
        progress: (step, of, note) => become({ state: 'running', step, of, note }),
      })
      await mkdir(workspace, { recursive: true })
      await keepText(path, `${JSON.stringify(report, null, 2)}\n`)
      become({ state: 'idle' })
    } catch (error) {
      const message = withoutFolders((error as Error).message, folders)
      become(signal.aborted ? { state: 'idle' } : { state: 'failed', message })
    } finally {
      if (controller === mine) controller = undefined
    }
  }
  return {
    current,
    calls: {
      surveyDevices: surveyed,
      async startSelfTest() {
        if (controller) return
        const models = modelsInUse()
        const begun = (controller = new AbortController())
        await current()
        become({ state: 'queued' })
        alone(() => work(models, begun))
      },
      async cancelSelfTest() {
        controller?.abort()
        if (status.state !== 'queued') return
        controller = undefined
        become({ state: 'idle' })
      },
    },
  }
}

/** Undefined when there is none, or another version wrote it. */
async function readReport(path: string): Promise<SelfTestReport | undefined> {
  try {
    const report = JSON.parse(await readFile(path, 'utf8')) as SelfTestReport
    return report.schema === 1 ? report : undefined
  } catch {
    return undefined
  }
}
