// The Visual C++ runtime, which onnxruntime needs and Windows does not include.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

export const VC_RUNTIME = [
  'msvcp140.dll',
  'msvcp140_1.dll',
  'msvcp140_atomic_wait.dll',
  'vcruntime140.dll',
  'vcruntime140_1.dll',
]

/** Its installer for this processor. */
export const VC_REDIST = `https://aka.ms/vs/17/release/vc_redist.${process.arch}.exe`

/** Why no engine can be loaded from the sources on Windows; undefined for other reasons and other systems. */
export function missingRuntime({ SystemRoot = 'C:\\Windows' } = process.env) {
  if (process.platform !== 'win32') return undefined
  const absent = VC_RUNTIME.filter((name) => !existsSync(join(SystemRoot, 'System32', name)))
  // They may be elsewhere on PATH.
  if (absent.length === 0 || canLoadEngine()) return undefined
  return `${absent.join(', ')}: missing; install Microsoft's Visual C++ runtime (${VC_REDIST})`
}

/** Tests in a separate process whether this Node loads onnxruntime's binding. */
function canLoadEngine() {
  const load = 'process.dlopen({ exports: {} }, process.argv[1])'
  return spawnSync(process.execPath, ['-e', load, bindingPath()], { stdio: 'ignore' }).status === 0
}

function bindingPath() {
  const package_ = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  return join(package_, '../bin/napi-v6', process.platform, process.arch, 'onnxruntime_binding.node')
}
