// A discrete simulation of a sampling run in many tasks of SLURM: where it saturates, how many files it writes, and what
// joining costs. README.md beside this file says which numbers are measured and which are assumed.
//   node scripts/run.mjs scripts/slurm-simulation/simulate.ts [FILE.svg]
import { writeFileSync } from 'node:fs'
import { curveSvg } from './curve.ts'

/** Times in seconds, sizes in bytes. */
export interface Setting {
  readonly name: string
  readonly images: number
  /** Computing one image of a batch. */
  readonly perImage: number
  readonly batch: number
  /** Starting the program and opening the networks, without reading their files. */
  readonly start: number
  /** Files of the models, which every task reads once. */
  readonly modelBytes: number
  readonly imageBytes: number
  /** Images are appended to archives (`--pack`). */
  readonly packed?: boolean
}

/** The shared disk and SLURM. */
export interface Site {
  /** Requests for files that the disk serves in a second, over all machines. */
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** Between the starts of two tasks. */
  readonly launch: number
  /** From the end of the last task of a phase to the start of the next phase. */
  readonly dependency: number
}

/** create, write, fsync, rename, fsync of the folder, and the look-up before: `writeFileAtomic`. */
const REQUESTS_PER_IMAGE = 6
/** Two writes and a sync: `packWriter`. */
const REQUESTS_PER_PACKED = 3
/** An archive that has reached this is followed by another. */
const PACK_BYTES = 2 ** 30
/** open, read, close: joining reads each image twice, to check it and for the tokens in it. */
const REQUESTS_PER_JOINED = 6
/** Lock, records, index, scripts, logs, reports of a task, each written in the same way. */
const FILES_PER_TASK = 4
/** Decoding and checking one image when joining. */
const JOIN_PER_IMAGE = 0.006

export interface Result {
  readonly tasks: number
  /** Until the last image is on disk. */
  readonly sampling: number
  /** Join of the images by one process. */
  readonly joining: number
  /** Share of the time in which the disk serves requests. */
  readonly diskBusy: number
  readonly files: number
}

/** The disk serves one request after another, in the order in which they arrive. */
function diskOf({ requestsPerSecond, bytesPerSecond }: Site) {
  let free = 0
  let busy = 0
  return {
    /** When a transfer that arrives at `now` is done. */
    serve(now: number, requests: number, bytes: number): number {
      const work = requests / requestsPerSecond + bytes / bytesPerSecond
      free = Math.max(free, now) + work
      busy += work
      return free
    },
    busy: () => busy,
  }
}

/** Every task computes a batch, then waits until its files are written. */
export function simulate(setting: Setting, site: Site, tasks: number): Result {
  const { images, batch, perImage, start, modelBytes, imageBytes, packed = false } = setting
  const perWritten = packed ? REQUESTS_PER_PACKED : REQUESTS_PER_IMAGE
  const disk = diskOf(site)
  const events = heap()
  for (let task = 0; task < tasks; task++) {
    const own = Math.floor((images - task + tasks - 1) / tasks)
    events.push({ at: task * site.launch, left: own, isStart: true })
  }
  let sampling = 0
  for (let event = events.pop(); event; event = events.pop()) {
    if (event.isStart) {
      const read = disk.serve(event.at, 20, modelBytes)
      const first = Math.min(batch, event.left)
      events.push({ at: read + start + first * perImage, left: event.left, isStart: false })
      continue
    }
    const size = Math.min(batch, event.left)
    const written = disk.serve(event.at, size * perWritten, size * imageBytes)
    const left = event.left - size
    if (left === 0) sampling = Math.max(sampling, written)
    else events.push({ at: written + Math.min(batch, left) * perImage, left, isStart: false })
  }
  const joining =
    site.dependency +
    start +
    modelBytes / site.bytesPerSecond +
    images *
      Math.max(
        JOIN_PER_IMAGE,
        REQUESTS_PER_JOINED / site.requestsPerSecond + (2 * imageBytes) / site.bytesPerSecond,
      )
  return {
    tasks,
    sampling,
    joining,
    diskBusy: disk.busy() / sampling,
    files: tasks * FILES_PER_TASK + (packed ? packsOf(setting, tasks) : images),
  }
}

const packsOf = ({ images, imageBytes }: Setting, tasks: number) =>
  tasks * Math.ceil((images * imageBytes) / tasks / PACK_BYTES)

interface Event {
  readonly at: number
  readonly left: number
  readonly isStart: boolean
}

/** Events in the order of time. */
function heap() {
  const all: Event[] = []
  const swap = (a: number, b: number) => {
    const held = all[a]!
    all[a] = all[b]!
    all[b] = held
  }
  return {
    push(event: Event): void {
      all.push(event)
      for (let i = all.length - 1; i > 0;) {
        const above = (i - 1) >> 1
        if (all[above]!.at <= all[i]!.at) return
        swap(i, above)
        i = above
      }
    },
    pop(): Event | undefined {
      const first = all[0]
      const last = all.pop()
      if (!first || !last || all.length === 0) return first
      all[0] = last
      for (let i = 0; ;) {
        const [left, right] = [2 * i + 1, 2 * i + 2]
        let least = i
        if (left < all.length && all[left]!.at < all[least]!.at) least = left
        if (right < all.length && all[right]!.at < all[least]!.at) least = right
        if (least === i) return first
        swap(i, least)
        i = least
      }
    },
  }
}

/** Assumed: an NFS server with one disk array, and a SLURM that is not busy. */
export const SITE: Site = { requestsPerSecond: 3000, bytesPerSecond: 1e9, launch: 0.05, dependency: 5 }

const DIGIT = { batch: 16, start: 10, modelBytes: 3e9, imageBytes: 120_000 }
export const SETTINGS: readonly Setting[] = [
  { ...DIGIT, name: '50,000 images at 0.5 s', images: 50_000, perImage: 0.5 },
  { ...DIGIT, name: '50,000 images at 0.05 s', images: 50_000, perImage: 0.05 },
  { ...DIGIT, name: '1.3 million images at 0.5 s', images: 1_300_000, perImage: 0.5 },
  { ...DIGIT, name: '1.3 million images at 0.05 s', images: 1_300_000, perImage: 0.05 },
].flatMap((setting) => [setting, { ...setting, name: `${setting.name}, packed`, packed: true }])
export const TASKS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const

const hours = (seconds: number) =>
  seconds < 600
    ? `${seconds.toFixed(0)} s`
    : seconds < 7200
      ? `${(seconds / 60).toFixed(0)} min`
      : `${(seconds / 3600).toFixed(1)} h`

function main(): void {
  const curves = SETTINGS.map((setting) => ({
    name: setting.name,
    packed: setting.packed === true,
    results: TASKS.map((tasks) => simulate(setting, SITE, tasks)),
  }))
  for (const { name, results } of curves) {
    console.log(
      `\n${name}\n\n| tasks | sampling | joining | speed-up | disk busy | files |\n| ---: | ---: | ---: | ---: | ---: | ---: |`,
    )
    for (const { tasks, sampling, joining, diskBusy, files } of results)
      console.log(
        `| ${tasks} | ${hours(sampling)} | ${hours(joining)} | ${(results[0]!.sampling / sampling).toFixed(1)} | ${(100 * diskBusy).toFixed(0)} % | ${files.toLocaleString('en')} |`,
      )
  }
  const [, , path] = process.argv
  if (path !== undefined)
    writeFileSync(
      path,
      curveSvg(
        curves.map(({ name, packed, results }) => ({
          name,
          packed,
          points: results.map(({ tasks, sampling }) => [tasks, results[0]!.sampling / sampling] as const),
        })),
      ),
    )
}

main()
