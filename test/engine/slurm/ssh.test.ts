// The commands of a real SLURM through `ssh`: the program is a stand-in that gives its command to a shell, as sshd does.
import { chmodSync } from 'node:fs'
import { delimiter } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasSlurm, partitionsOf, sbatch, scancel, squeue } from '../../../src/engine/slurm/commands.ts'
import { HAS_SLURM } from '../../slurm.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const HOST = 'login'
const path = process.env.PATH

beforeAll(() => {
  const ssh = folder.write(
    'bin/ssh',
    `#!/bin/sh\n[ "$1 $2 $3 $4" = "-o BatchMode=yes ${HOST} --" ] && exec sh -c "$5"\n`,
  )
  chmodSync(ssh, 0o755)
  process.env.PATH = `${folder.path}/bin${delimiter}${path}`
})
afterAll(() => void (process.env.PATH = path))

describe.skipIf(!HAS_SLURM)('SLURM of another machine', () => {
  it('is found, takes a job whose script has an odd path, lists and cancels it', async () => {
    expect(await hasSlurm(HOST)).toBe(true)
    expect(await partitionsOf(HOST)).toEqual(await partitionsOf())
    const script = folder.write("it's $HOME/a job.sh", '#!/bin/sh\nsleep 600\n')
    const job = await sbatch(HOST, script, ['--hold', '--array=0-1', '--job-name=two words; and more'])
    const queued = await squeue(HOST, [job])
    expect(queued.map(({ task, isRunning }) => [task, isRunning])).toEqual([
      [0, false],
      [1, false],
    ])
    await scancel(HOST, [`${job}_0`])
    expect((await squeue(HOST, [job])).map(({ task }) => task)).toEqual([1])
    await scancel(HOST, [String(job)])
    expect(await squeue(HOST, [job])).toEqual([])
  })

  it('reports what the other machine said', async () => {
    await expect(sbatch(HOST, '/nowhere/job.sh', [])).rejects.toThrow(
      /^sbatch on login: .*\/nowhere\/job\.sh/,
    )
  })
})
