// The part of the contract for this machine: its devices, and the test of the models on each device.
import { join } from 'node:path'
import type { EngineApi, EngineEvents } from '../../../shared/contract/api.ts'
import type { RunStatus } from '../../../shared/run/run.ts'
import {
  SelfTestReportSchema,
  type DeviceSurvey,
  type SelfTest,
  type SelfTestReport,
} from '../../../shared/models/self-test.ts'
import { surveyDevices } from '../../devices/device-probe.ts'
import { runSelfTest } from '../../runs/self-test/self-test.ts'
import { makeFolder, writeFileAtomic as keepText } from '../../bytes/index.ts'
import { readJsonFile } from '../../records/json-file.ts'
import type { EngineContext } from '../context.ts'
import { jobsOf, type Step } from '../jobs.ts'
import type { Queue } from '../queue.ts'
import type { OpenModelSet } from './models.ts'

export interface SelfTestCalls {
  readonly calls: Pick<EngineApi, 'surveyDevices' | 'startSelfTest' | 'cancelSelfTest'>
  readonly current: () => Promise<SelfTest>
}

export interface SelfTestOptions extends Pick<EngineContext, 'workspace' | 'modelsInUse'> {
  readonly events: Pick<EngineEvents, 'selfTestChanged'>
  readonly queue: Pick<Queue, 'line'>
  /** Tests the devices; replaced in tests. @default surveyDevices */
  readonly survey?: () => Promise<DeviceSurvey>
}

/** Only one test runs at a time. */
const ID = 'self-test'

export function selfTestCalls(options: SelfTestOptions): SelfTestCalls {
  const { workspace, queue, modelsInUse, events, survey = surveyDevices } = options
  const path = join(workspace, 'self-test.json')
  let report: SelfTestReport | undefined
  let kept: Promise<void> | undefined
  let devices: Promise<DeviceSurvey> | undefined

  const surveyed = () => (devices ??= survey())
  const jobs = jobsOf<undefined, SelfTest>({
    noun: 'test',
    line: queue.line,
    show: (_, job) => ({ status: statusForPage(job?.status), ...(report ? { report } : {}) }),
    changed: events.selfTestChanged,
  })
  const current = async (): Promise<SelfTest> => {
    kept ??= readReport(path).then((found) => void (report ??= found))
    await kept
    return { status: statusForPage(jobs.get(ID)?.status), ...(report ? { report } : {}) }
  }
  const test =
    ({ fields }: OpenModelSet): Step =>
    async (callbacks) => {
      callbacks.progress(0, 1, 'testing devices')
      report = await runSelfTest(fields, await surveyed(), callbacks)
      await makeFolder(workspace)
      await keepText(path, `${JSON.stringify(report, null, 2)}\n`)
      return { finished: 1, summary: 'self-test' }
    }
  return {
    current,
    calls: {
      surveyDevices: surveyed,
      async startSelfTest() {
        if (jobs.isOpen(ID)) return
        const models = modelsInUse()
        await current()
        if (jobs.isOpen(ID)) return
        await jobs.start(ID, { subject: undefined, steps: [test(models)], hidden: models.folders })
      },
      cancelSelfTest: () => jobs.cancel(ID),
    },
  }
}

/** A finished or cancelled test is idle for a page, which shows its report. */
function statusForPage(status: RunStatus | undefined): SelfTest['status'] {
  if (status?.state === 'failed') return { state: 'failed', message: status.error.message }
  return status?.state === 'queued' || status?.state === 'running' ? status : { state: 'idle' }
}

/** Undefined if there is none, or it was written by another version. */
async function readReport(path: string): Promise<SelfTestReport | undefined> {
  return readJsonFile(path, SelfTestReportSchema).catch(() => undefined)
}
