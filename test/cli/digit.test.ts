// The command as a person runs it: its two streams and its exit code. Where the process does not matter there is none.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { program } from '../../src/cli/program.ts'
import { outcomeOf } from '../../src/shared/verdict/outcome.ts'
import type { ModelSet } from '../../src/shared/models/models.ts'
import type { Told } from '../../src/shared/verdict/sentence.ts'
import { BUILT } from '../built.ts'
import { DEMO_CLASSES, demoClassFolder } from '../demo.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { tensorsOf, torchFile } from '../torch-file.ts'
import { leftTelemetry } from '../telemetry.ts'
import { commandHere, run } from './run-process.ts'

const TINY = resolve('test/fixtures/official-tiny')
const folder = temporaryFolder()

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly pid: number
}

/** `onOutput` sees everything said on stderr so far, and may signal the process. */
function digit(args: readonly string[], onOutput?: (stderr: string, pid: number) => void): Promise<Ended> {
  const child = spawn(process.execPath, [BUILT.command, ...args])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    onOutput?.(stderr, child.pid!)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr, pid: child.pid! }))
  })
}

const CLASSES = DEMO_CLASSES.length

describe('help and usage', () => {
  it('every command has help with examples', async () => {
    for (const command of program.commands) {
      let help = ''
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
      expect(help.includes('--json')).toBe(!['web', 'desktop'].includes(command.name()))
      expect(help).toMatch(new RegExp(`Examples:\\n  digit ${command.name()}[ \\n]`))
    }
    expect((await digit(['sample', '--help'])).stdout).toContain('Examples:\n  digit sample ')
  })

  it('output may be piped to a program that stops reading, such as head', async () => {
    const child = spawn(process.execPath, [BUILT.command, 'sample', '--help'])
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect([code, stderr]).toEqual([0, ''])
  })
  it('prints its version', async () => {
    expect((await digit(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['sample', '--topp', '2'], "'--topp <p>' argument '2' is invalid. Expected a number from 0 to 1."],
    [['sample', '--count', '1.5'], 'Expected a whole number from 1 to 10000000.'],
    [
      ['sample', '--device', 'abacus'],
      'Expected auto, cpu, webgpu, cuda, dml, coreml, all, or cards of one kind',
    ],
    [['sample', '--topk2', '5', '--topp2', '0.5'], '--stage2-topk 5, --stage2-topp 0.5'],
    [
      ['sample', '--class', `${CLASSES}`],
      `--class ${CLASSES}: class out of range (this model has ${CLASSES} classes, 0 to ${CLASSES - 1})`,
    ],
    [
      ['sample', '--shard-id', '2', '--num-shards', '2'],
      '--shard-id 2: out of range (with --num-shards 2, expected 0 to 1)',
    ],
    [['info', '--use', 'stage9=x'], 'Expected ROLE=FILE'],
    [['reconstruct'], "missing required argument 'image'"],
    [['kmeans', 'photos'], "required option '-k, --k <n>' not specified"],
    [
      ['codebooks', 'a', 'b', '--files', 'x.npy'],
      '--files: expected two codebooks, the first and the second (found 1)',
    ],
    [
      ['compare', '--axis', 'seed=0, 1', '--reference', 'x'],
      'axis seed: a verdict compares settings on the same seeds',
    ],
    [['compare', '--axis', 'topk=5, 9'], "required option '--reference <path>' not specified"],
    [['paint'], "unknown command 'paint'"],
  ])('%j is a usage error', async (args, message) => {
    const { code, stdout, stderr } = await commandHere(args)
    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([2, ''])
  })

  it.each([
    [
      ['sample', '--topp', '2'],
      /^error: option '--topp <p>' argument '2' is invalid.*\n\(see --help for usage\)\n$/,
    ],
    [['sample', '--shard-id', '1'], /^digit: --shard-id 1: out of range.*\n$/],
  ])('%j ends the process so, whoever finds the error', async (args, message) => {
    const { code, stdout, stderr } = await digit(args)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
  })
})

describe('info', () => {
  it('lists the models that fit, with every hash, as text and as JSON', async () => {
    const text = await digit(['info', TINY])
    expect([text.code, text.stderr]).toEqual([0, ''])
    expect(text.stdout).toContain('stage 2 AR, 64 wide, 3 layers, 64 tokens -> 48 VQGAN codes')
    expect(text.stdout).toMatch(/^encoder +test.fixtures.*dinov2_tiny14_reg4_pretrain\.pth$/m)
    const json = await commandHere(['info', TINY, '--json'])
    const modelSet = JSON.parse(json.stdout) as ModelSet
    expect(Object.keys(modelSet.set)).toHaveLength(9)
    expect(
      modelSet.files
        .filter(({ kind }) => kind !== 'unknown')
        .every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256)),
    ).toBe(true)
  })

  it('lists the tensors of an unknown checkpoint, and on request the tensors and data of any file', async () => {
    const views = await commandHere(['info', join(TINY, 'variants/views.pt')])
    expect(views.stdout).toMatch(/^half +f16 +\[4, 6\]$/m)
    const stage1 = join(TINY, 'outputs/tiny_stage1/checkpoints/checkpoint_last.pt')
    const { stdout } = await commandHere(['info', stage1, '--tensors', '--data'])
    expect(stdout).toMatch(/^model\.decoder\.embed_tokens\.weight +f32 +\[69, 64\]$/m)
    expect(stdout).toMatch(/^ *decoder_layers: 3$/m)
  })

  it('names the models of a file with several, and what each command lacks', async () => {
    const encoder = await tensorsOf(join(TINY, 'models/dinov2_tiny14_reg4_pretrain.pth'))
    const both = ['student.', 'teacher.'].flatMap((prefix) =>
      Object.entries(encoder).map(([name, made]) => [prefix + name, made] as const),
    )
    const path = folder.write('dino/dino.pth', torchFile(Object.fromEntries(both)))
    const { code, stdout } = await commandHere(['info', join(path, '..')])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^encoder +\S+dino\.pth#teacher\.$/m)
    expect(stdout).toContain('dino.pth#teacher. (selected over dino.pth#student.)')
    expect(stdout).toMatch(/^kmeans +encoder \(DINOv2\) +-$/m)
    expect(stdout).toMatch(/^decode --tokens codes +VQGAN +VQGAN$/m)
  })

  it('a folder without models, or with damaged ones only, is an error for scripts', async () => {
    const empty = await digit(['info', join(folder.write('empty/notes.md', ''), '..')])
    expect([empty.code, empty.stdout]).toEqual([1, '- no DiGIT models found\n'])
    expect((await commandHere(['info', folder.write('cut.pt', 'PK')])).code).toBe(1)
  })

  it('control characters in a file never reach the terminal', async () => {
    const path = folder.write('classes.json', JSON.stringify(['\u001b[31mred', 'b']))
    const { stdout } = await commandHere(['info', path])
    expect(stdout).toContain('\\u001b[31mred')
  })

  it('errors are one line; --debug adds the stack trace', async () => {
    const { code, stderr } = await commandHere(['info', '/not/there'])
    expect([code, stderr]).toEqual([1, 'digit: /not/there: no such file or folder\n'])
    const debug = ['--enable-source-maps', BUILT.command, '--debug', 'info', '/not/there']
    expect((await run(process.execPath, debug)).output).toContain('walk.ts')
  })
})

describe('sample', () => {
  it('Ctrl-C keeps finished images, and the same command resumes', async () => {
    const out = join(folder.path, 'run')
    const args = ['sample', '--out', out, '--count', '6', '--device', 'cpu']
    let sent = false
    const stopped = await digit([...args, '--batch-size', '1'], (stderr, pid) => {
      if (!sent && stderr.includes('/6, ')) process.kill(pid, 'SIGINT')
      sent ||= stderr.includes('/6, ')
    })
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toContain('run the same command again to resume')
    const resumed = await digit([...args, '--json'])
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ kind: 'sample', out, finished: 6 })
    expect(existsSync(join(out, 'run.json'))).toBe(true)
    expect(leftTelemetry(resumed.pid)).toBe(false)
  })
})

describe('compare', () => {
  it('answers in one sentence and as JSON, and continues with a larger budget', async () => {
    const question = [
      '--axis',
      'temperature=0.8, 1',
      '--reference',
      demoClassFolder(0),
      '--protocol',
      'dinov2',
    ]
    const command = [
      'compare',
      ...question,
      '--batch-size',
      '32',
      '--device',
      'cpu',
      '--out',
      join(folder.path, 'compare'),
    ]
    const first = await digit([...command, '--count', '24', '--json'])
    expect(first.stderr).not.toContain('Error')
    const { answer, latex, looks, settings } = JSON.parse(first.stdout) as Told &
      Record<'answer' | 'latex', string>
    const names = ['temperature0.8', 'temperature1']
    expect(answer).toMatch(/, 24 images each/)
    expect(looks.map(({ n, images }) => [n, images])).toEqual([[24, 48]])
    expect(settings.map(({ name, measured }) => [name, measured?.n])).toEqual(names.map((name) => [name, 24]))
    expect(latex.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^Temperature 0.8 & 24 & [\d.]+ & /),
      expect.stringMatching(/^Temperature 1 & 24 & [\d.]+ & /),
    ])
    // Settings so much alike that the first look decides nothing.
    expect(outcomeOf(looks, 'fd')!.decided).toBe(false)
    const second = await digit([...command, '--count', '25'])
    expect(second.stdout).toContain(', 25 images each')
    expect(second.stdout).toContain('For a paper: With temperature ')
    // Every sentence calls the distance by its network.
    expect(second.stdout).not.toContain('(encoder)')
    const refused = await digit([...command, '--count', '24', '--by', 'kid'])
    expect(refused.stderr).toContain('contains a run with other settings (by is "fd" there, "kid" here)')
    expect(refused.code).toBe(1)
  })
})

describe('evaluate', () => {
  it('without a protocol uses one that the models have; --per-class prints what is left out', async () => {
    const [samples, reference] = [demoClassFolder(0), demoClassFolder(1)]
    const out = join(folder.path, 'evaluation')
    const args = ['evaluate', samples, reference, '--per-class', '--out', out]
    const { code, stdout, stderr } = await digit([...args, '--device', 'cpu'])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^note +values of each class: .* has no classes$/m),
    ])
    expect(stderr).toContain('protocol dinov2: the models have no Inception weights')
  })
})
