// The part of the contract for training logs: found next to the models, uploaded, and read.
import type { LogApi } from '../../../shared/evaluation/training-logs.ts'
import { RequestError } from '../../../shared/errors.ts'
import { findLogs, keepLog, readFoundLog, removeKeptLog } from '../../workspace/training-logs.ts'

export function logCalls(workspace: string, checkpoints: () => readonly string[]): LogApi {
  return {
    async listLogs() {
      const found = await findLogs(workspace, checkpoints())
      return found.map(({ id, name, found }) => ({ id, name, found }))
    },
    async readLog(id) {
      const log = (await findLogs(workspace, checkpoints())).find((log) => log.id === id)
      if (!log) throw new RequestError(`log '${id}' not found`)
      return readFoundLog(log)
    },
    addLog: (name, bytes) => keepLog(workspace, name, bytes),
    removeLog: (id) => removeKeptLog(workspace, id),
  }
}
