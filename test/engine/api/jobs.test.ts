import { expect, it } from 'vitest'
import { atOnce, jobsOf, oneAtATime, type Job, type Line, type Step } from '../../../src/engine/api/jobs.ts'
import type { OpenJobs } from '../../../src/engine/api/open-jobs.ts'
import type { RunStatus } from '../../../src/shared/run/run.ts'

type Callbacks = Parameters<Step>[0]

/** A step that a test drives: `begun` resolves with its callbacks, `end` ends it. */
function driven() {
  let begin: (callbacks: Callbacks) => void
  let end: { done: (finished: number) => void; fail: (error: Error) => void }
  const begun = new Promise<Callbacks>((resolve) => (begin = resolve))
  const step: Step = (callbacks) =>
    new Promise((resolve, reject) => {
      end = { done: (finished) => resolve({ finished, summary: `${finished} in /secret/out` }), fail: reject }
      callbacks.signal.addEventListener('abort', () => reject(callbacks.signal.reason as Error))
      begin(callbacks)
    })
  return { step, begun, end: () => end }
}

/** Jobs of a kind whose subject is a word, with every status that was reported. */
function bench(
  line: Line = oneAtATime(),
  more: { progressMs?: number; disk?: Record<string, string>; open?: OpenJobs } = {},
) {
  const told: string[] = []
  const statuses: RunStatus[] = []
  const jobs = jobsOf<string, string>({
    noun: 'job',
    line,
    show: (id, job) => {
      const text = job?.subject ?? more.disk?.[id]
      if (text === undefined) throw new Error('not on disk')
      return `${id} ${text} ${job?.status.state ?? 'cancelled'}`
    },
    changed(shown, { status }) {
      told.push(shown)
      statuses.push(status)
    },
    ...(more.progressMs === undefined ? {} : { progressMs: more.progressMs }),
    ...(more.open
      ? { later: { open: more.open, call: ({ id }) => ({ call: 'resumeRun', args: [id] }) } }
      : {}),
  })
  return { jobs, told, statuses }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('a job is queued, reports progress, and ends', async () => {
  const { jobs, told, statuses } = bench()
  const { step, begun, end } = driven()
  await jobs.start('a', { subject: 'x', steps: [step] })
  expect([told, jobs.isOpen('a')]).toEqual([['a x queued'], true])
  const { progress } = await begun
  progress(1.5, 3, 'half')
  expect(statuses.at(-1)).toEqual({ state: 'running', step: 1.5, of: 3, note: 'half' })
  end().done(3)
  await turn()
  expect(told).toEqual(['a x queued', 'a x running', 'a x done'])
  expect(jobs.get('a')!.status).toEqual({ state: 'done', finished: 3, summary: '3 in /secret/out' })
  expect(jobs.isOpen('a')).toBe(false)
})

it('an open job is not started twice', async () => {
  const { jobs, told } = bench()
  const { step } = driven()
  await jobs.start('a', { subject: 'x', steps: [step] })
  await expect(jobs.start('a', { subject: 'y', steps: [step] })).rejects.toThrow("job 'a': already running")
  expect(told).toEqual(['a x queued'])
})

it('steps of a job queue one after another, and other jobs run in between', async () => {
  const line = oneAtATime()
  const { jobs, told } = bench(line)
  const [one, two, other] = [driven(), driven(), driven()]
  await jobs.start('a', { subject: 'x', steps: [one.step, two.step] })
  await jobs.start('b', { subject: 'y', steps: [other.step] })
  await one.begun
  one.end().done(1)
  await other.begun
  expect(told).toEqual(['a x queued', 'b y queued', 'a x queued'])
  other.end().done(1)
  await two.begun
  two.end().done(2)
  await turn()
  expect(told.slice(3)).toEqual(['b y done', 'a x done'])
})

it('a job cancelled while queued never starts', async () => {
  const { jobs, told } = bench()
  const [one, two] = [driven(), driven()]
  let began = false
  void two.begun.then(() => (began = true))
  await jobs.start('a', { subject: 'x', steps: [one.step] })
  await jobs.start('b', { subject: 'y', steps: [two.step] })
  await one.begun
  await jobs.cancel('b')
  expect(told.at(-1)).toBe('b y cancelled')
  one.end().done(1)
  await turn()
  expect([began, jobs.get('b')!.status]).toEqual([false, { state: 'cancelled', finished: 0 }])
})

it('a job cancelled while running keeps its finished work and skips its other steps', async () => {
  const { jobs, told } = bench()
  const [one, two] = [driven(), driven()]
  let began = false
  void two.begun.then(() => (began = true))
  await jobs.start('a', { subject: 'x', steps: [one.step, two.step] })
  const { progress } = await one.begun
  progress(2.7, 5, 'working')
  await jobs.cancel('a')
  await turn()
  expect(told).toEqual(['a x queued', 'a x running', 'a x cancelled'])
  expect([began, jobs.get('a')!.status]).toEqual([false, { state: 'cancelled', finished: 2 }])
  await jobs.cancel('a')
  await jobs.cancel('unknown')
  expect(told).toHaveLength(3)
})

it('a job cancelled between two steps is cancelled, although the first step finished', async () => {
  const { jobs } = bench()
  const second = driven()
  const first: Step = async ({ progress, signal }) => {
    progress(1, 1, 'working')
    await jobs.cancel('a')
    expect(signal.aborted).toBe(true)
    return { finished: 1, summary: '' }
  }
  await jobs.start('a', { subject: 'x', steps: [first, second.step] })
  await turn()
  expect(jobs.get('a')!.status).toEqual({ state: 'cancelled', finished: 1 })
})

it('a job is resumed under the same id, and late reports of the first attempt are dropped', async () => {
  const { jobs, told } = bench()
  const [one, two] = [driven(), driven()]
  await jobs.start('a', { subject: 'x', steps: [one.step] })
  const { progress } = await one.begun
  // No progress yet: cancelled at once.
  await jobs.cancel('a')
  expect(told).toEqual(['a x queued', 'a x cancelled'])
  await jobs.start('a', { subject: 'y', steps: [two.step] })
  progress(1, 2, 'late')
  expect(jobs.get('a')!.status).toEqual({ state: 'queued' })
  ;(await two.begun).progress(1, 2, 'again')
  two.end().done(2)
  await turn()
  expect(told.slice(2)).toEqual(['a y queued', 'a y running', 'a y done'])
})

it('a failure has a reason without hidden folders, and the next job runs', async () => {
  const { jobs, statuses } = bench()
  const [one, two] = [driven(), driven()]
  const hidden = ['/secret', '/secret/out']
  await jobs.start('a', { subject: 'x', steps: [one.step], hidden })
  await jobs.start('b', { subject: 'y', steps: [two.step], hidden })
  const { progress } = await one.begun
  progress(3.5, 8, 'reading /secret/out/a.png')
  expect(statuses.at(-1)).toMatchObject({ note: 'reading a.png' })
  one.end().fail(new RangeError('/secret/out/a.png: disk full'))
  await two.begun
  expect(jobs.get('a')!.status).toEqual({
    state: 'failed',
    finished: 3,
    error: { name: 'RangeError', message: 'a.png: disk full' },
  })
  two.end().done(4)
  await turn()
  expect(jobs.get('b')!.status).toEqual({ state: 'done', finished: 4, summary: '4 in out' })
})

it('without hidden folders an error keeps its path and stack', async () => {
  const { jobs } = bench()
  const { step, begun, end } = driven()
  await jobs.start('a', { subject: 'x', steps: [step] })
  await begun
  end().fail(new Error('/secret/out: gone'))
  await turn()
  expect(jobs.get('a')!.status).toMatchObject({
    error: { message: '/secret/out: gone', stack: expect.stringContaining('jobs.test.ts') as string },
  })
})

it('after a restart, jobs on disk are listed first, then those of this session, each once', async () => {
  const { jobs } = bench(atOnce, { disk: { old: 'kept', a: 'kept' } })
  const [one, two] = [driven(), driven()]
  await jobs.start('new', { subject: 'x', steps: [one.step] })
  await jobs.start('a', { subject: 'y', steps: [two.step] })
  ;(await two.begun).progress(0, 1, '')
  expect(await jobs.list(['old', 'a', 'broken'])).toEqual([
    'old kept cancelled',
    'a y running',
    'new x queued',
  ])
  two.end().done(1)
  await turn()
  jobs.forget('a')
  expect(await jobs.list(['a'])).toEqual(['a kept cancelled', 'new x queued'])
})

it('progress is reported at most once per interval, the end always', async () => {
  const { jobs, told } = bench(atOnce, { progressMs: 60_000 })
  const { step, begun, end } = driven()
  await jobs.start('a', { subject: 'x', steps: [step] })
  const { progress } = await begun
  for (let i = 0; i < 5; i++) progress(i, 5, '')
  expect(jobs.get('a')!.status).toMatchObject({ step: 4 })
  end().done(5)
  await turn()
  expect(told).toEqual(['a x queued', 'a x running', 'a x done'])
})

it('jobs that a later session can resume are listed in order until they end or are cancelled', async () => {
  const open: OpenJobs = new Set()
  const line = oneAtATime()
  const { jobs, told } = bench(line, { open })
  const [one, two, three] = [driven(), driven(), driven()]
  await jobs.start('a', { subject: 'x', steps: [one.step, two.step] })
  await jobs.start('b', { subject: 'y', steps: [three.step] })
  await bench().jobs.start('c', { subject: 'z', steps: [driven().step] })
  const listed = () => [...open].map(({ resume }) => resume.args[0])
  await one.begun
  one.end().done(1)
  await three.begun
  expect(listed()).toEqual(['a', 'b'])
  three.end().fail(new Error('no'))
  await two.begun
  expect(listed()).toEqual(['a'])
  let hasEnded = false
  const stopping = [...open][0]!.stop().then(() => (hasEnded = true))
  expect([listed(), hasEnded]).toEqual([[], false])
  await stopping
  expect(told.at(-1)).toBe('a x cancelled')

  const again = driven()
  await jobs.start('a', { subject: 'x', steps: [again.step] })
  expect(listed()).toEqual(['a'])
  await jobs.cancel('a')
  expect(listed()).toEqual([])
})

it('a slow report is not sent after a later one', async () => {
  const reads: (() => void)[] = []
  const told: string[] = []
  const jobs = jobsOf<undefined, string>({
    noun: 'job',
    line: atOnce,
    show: async (_, job) => {
      await new Promise<void>((resolve) => reads.push(resolve))
      return (job as Job<undefined>).status.state
    },
    changed: (shown) => void told.push(shown),
  })
  const { step, begun, end } = driven()
  void jobs.start('a', { subject: undefined, steps: [step] })
  const { progress } = await begun
  progress(0, 1, '')
  end().done(1)
  await turn()
  for (const read of reads.reverse()) {
    read()
    await turn()
  }
  expect(told).toEqual(['done'])
})
