// Requirements: E7

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const able = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0
if (!able) process.stdout.write('a full disk is not tried: that takes Linux and prlimit\n')

test.skipIf(!able)(
  'a disk that is full refuses writes, loses nothing, and is no trouble any more once there is room',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'quoin-full-'))
    const program = fileURLToPath(new URL('./servers/full-disk.ts', import.meta.url))
    // Six megabytes a file; the signal that would end the process is ignored, so that writing fails.
    const limited = `trap '' XFSZ; ulimit -S -f 6000; exec "$0" --conditions=quoin-source "$1" "$2"`
    const child = spawn('bash', ['-c', limited, process.execPath, program, join(dir, 'full.db')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      const lines = createInterface(child.stdout)
      const [first] = (await once(lines, 'line')) as [string]
      const { rows, errors } = JSON.parse(first) as { rows: number; errors: readonly { tag: string; cause: string }[] }
      expect(rows).toBeGreaterThan(10)
      expect(errors.length).toBeGreaterThanOrEqual(2)
      for (const e of errors) {
        expect(e.tag).toBe('Refused')
        expect(e.cause).toContain('File too large')
      }
      expect(spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:']).status).toBe(0)
      child.stdin.write('go on\n')
      const [second] = (await once(lines, 'line')) as [string]
      expect(JSON.parse(second)).toEqual(['done', String(rows + 1)])
    } finally {
      child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    }
  },
  60_000,
)
