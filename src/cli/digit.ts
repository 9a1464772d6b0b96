// The `digit` command as a process: its arguments, streams and exit code.
import { main } from './main.ts'

// `digit ... | head` has read enough: what was started continues without a reader.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

// A command that has succeeded may have set another.
const code = await main(process.argv)
if (code !== 0) process.exitCode = code
