import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What became of some test files. */
export interface Trial {
  /** Tests that failed, as `file > name`. */
  readonly failed: readonly string[]
  /** Files that could not be loaded, with the first line of why. */
  readonly unloadable: readonly string[]
  readonly passed: number
  /** Did not end in its time. */
  readonly late: boolean
  readonly ms: number
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Reads the JSON report of vitest. A file that failed without a failing test was not loaded. */
export const readReport = (report: Report, root: string): Omit<Trial, 'late' | 'ms'> => {
  const failed: string[] = []
  const unloadable: string[] = []
  let passed = 0
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = name.replace(`${root}/`, '')
    const own = assertionResults.filter((t) => t.status === 'failed').map((t) => `${file} > ${t.fullName}`)
    failed.push(...own)
    passed += assertionResults.filter((t) => t.status === 'passed').length
    if (status === 'failed' && own.length === 0) unloadable.push(`${file}: ${message.split('\n')[0]}`)
  }
  return { failed, unloadable, passed }
}

/**
 * Runs test files of a tree in a process of its own, and gives up after `limitMs`. `bail` ends at the first test that fails;
 * `workers` files run at a time.
 */
export const tryTests = (
  root: string,
  files: readonly string[],
  options: { readonly limitMs: number; readonly bail?: boolean; readonly workers?: number },
): Promise<Trial> =>
  new Promise((resolve) => {
    const started = performance.now()
    const out = join(root, 'seeded-report.json')
    rmSync(out, { force: true })
    const args = [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...files,
      `--root=${root}`,
      '--reporter=json',
      `--outputFile=${out}`,
      `--bail=${options.bail === true ? 1 : 0}`,
      `--maxWorkers=${options.workers ?? 1}`,
    ]
    // Snapshots are compared and never written; a group of its own, so that workers that hang end with it.
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, CI: '1', NO_COLOR: '1', QUOIN_CASES: undefined, QUOIN_DEEP: undefined },
      stdio: 'ignore',
      detached: true,
    })
    let late = false
    const kill = (): void => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    const timer = setTimeout(() => {
      late = true
      kill()
    }, options.limitMs)
    const end = (): void => {
      clearTimeout(timer)
      kill()
      const ms = performance.now() - started
      try {
        const report = JSON.parse(readFileSync(out, 'utf8')) as Report
        resolve({ ...readReport(report, root), late, ms })
      } catch {
        resolve({ failed: [], unloadable: late ? [] : ['vitest wrote no report'], passed: 0, late, ms })
      }
    }
    child.once('error', end)
    child.once('exit', end)
  })
