// Copies dropped files into the workspace in pieces; resumes after a lost connection.
import { shallowRef, watch } from 'vue'
import { PIECE_BYTES, type CopiedFile, type CopyPurpose } from '../../../shared/contract/copied-files.ts'
import { calls } from './calls.ts'
import type { DroppedFile } from './dropped-files.ts'
import { isLost, report } from './problems.ts'
import { connection } from './session.ts'

export interface Copying {
  readonly name: string
  readonly files: number
  readonly bytes: number
  readonly done: number
  readonly perSecond: number | undefined
  readonly state: 'copying' | 'waiting' | 'opening'
}

export const copying = shallowRef<Copying>()
/** Pieces in flight at once: enough for a tunnel with high latency. */
const AT_ONCE = 8
let stopped = false

/** Cancels at the next piece and removes the copied files. */
export function stopCopying(): void {
  stopped = true
}

export async function copyFiles(files: readonly DroppedFile[], purpose: CopyPurpose): Promise<void> {
  if (copying.value) return report('Could not copy the files', new Error('another copy is in progress'))
  stopped = false
  const tops = new Set(files.map(({ path }) => path[0]!))
  const name = tops.size === 1 ? [...tops][0]! : `${files.length} files`
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  copying.value = { name, files: files.length, bytes, done: 0, perSecond: undefined, state: 'copying' }
  try {
    while (!(await copyOnce(files, purpose))) await reconnected()
  } catch (error) {
    report('Could not copy the files', error)
  }
  copying.value = undefined
}

/** False if the connection was lost during the copy. */
async function copyOnce(files: readonly DroppedFile[], purpose: CopyPurpose): Promise<boolean> {
  const list: CopiedFile[] = files.map(({ path, file }) => ({
    path: [...path],
    bytes: file.size,
    modified: file.lastModified,
  }))
  try {
    const { copy, have } = await calls().startCopy(list, purpose)
    const tell = progress(have.reduce((sum, bytes) => sum + bytes, 0))
    for (const [i, { file }] of files.entries()) await sendFile(copy, i, file, have[i]!, tell)
    if (stopped) await calls().abandonCopy(copy)
    else {
      copying.value = { ...copying.value!, state: 'opening' }
      await calls().finishCopy(copy)
    }
    return true
  } catch (error) {
    if (!isLost(error)) throw error
    return false
  }
}

async function sendFile(
  copy: string,
  index: number,
  file: File,
  from: number,
  sent: (bytes: number) => void,
) {
  const onTheWay: Promise<void>[] = []
  for (let start = from; start < file.size && !stopped; start += PIECE_BYTES) {
    const piece = new Uint8Array(await file.slice(start, start + PIECE_BYTES).arrayBuffer())
    const sending = calls()
      .copyPiece(copy, index, start, piece)
      .then(() => sent(piece.length))
    // Awaited below, where failures are handled; this avoids an unhandled rejection until then.
    sending.catch(() => {})
    onTheWay.push(sending)
    if (onTheWay.length >= AT_ONCE) await onTheWay.shift()
  }
  await Promise.all(onTheWay)
}

/** Reports progress, starting from what was already copied, and the speed. */
function progress(before: number): (bytes: number) => void {
  const begun = performance.now()
  let done = 0
  copying.value = { ...copying.value!, state: 'copying', done: before }
  return (bytes) => {
    done += bytes
    const seconds = (performance.now() - begun) / 1000
    copying.value = {
      ...copying.value!,
      done: before + done,
      ...(seconds > 1 ? { perSecond: done / seconds } : {}),
    }
  }
}

function reconnected(): Promise<void> {
  copying.value = { ...copying.value!, state: 'waiting' }
  return new Promise((resolve) => {
    const stop = watch(
      connection,
      (state) => {
        if (state !== 'connected') return
        queueMicrotask(() => stop())
        resolve()
      },
      { immediate: true },
    )
  })
}
