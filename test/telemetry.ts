// What onnxruntime's collector of usage data leaves behind in a process that it starts in.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** It opens this file before it sends anything. */
export const leftTelemetry = (pid: number): boolean => existsSync(join(tmpdir(), `mat-debug-${pid}.log`))
