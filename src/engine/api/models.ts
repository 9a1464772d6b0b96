// The part of the contract that is about model files.
import type { EngineApi } from '../../shared/api.ts'
import { importModels } from '../runs/import.ts'
import { readFileContents } from '../runs/read-file.ts'

export const modelCalls: Pick<EngineApi, 'importModels' | 'readFile'> = {
  importModels: (paths, choose) => importModels(paths, choose),
  readFile: (path) => readFileContents(path),
}
