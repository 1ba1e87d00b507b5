import type { Rule } from './finding.ts'
import type { Allowance } from './scan.ts'

const allowed = (
  rule: Rule,
  reason: string,
  files: Readonly<Record<string, readonly string[] | undefined>>,
  assumption?: string,
): readonly Allowance[] =>
  Object.entries(files).map(([file, what]) => ({
    rule,
    file,
    reason,
    ...(what === undefined ? {} : { what }),
    ...(assumption === undefined ? {} : { assumption }),
  }))

const now = ['performance.now']
/** What may stand where in Quoin's own sources, and why. Whatever is not here is found, and so is what is here in vain. */
export const ownAllowances: readonly Allowance[] = [
  ...allowed('outside-call', 'drivers are where the outside is reached', {
    'runtime/drivers/files/': ['node:fs', 'node:fs/promises'],
    'runtime/drivers/http/client.ts': ['undici'],
    'runtime/drivers/redis/client.ts': ['redis'],
    'runtime/drivers/duckdb/engine.ts': ['@duckdb/node-api'],
    'runtime/drivers/postgres/engine.ts': ['pg'],
    'runtime/drivers/postgres/cancel.ts': ['node:net'],
  }),
  ...allowed('outside-call', 'an artefact lies in files beside its module', {
    'runtime/bind.ts': ['node:fs/promises'],
    'runtime/load.ts': ['node:fs/promises'],
    'runtime/verified.ts': ['node:fs/promises'],
  }),
  ...allowed('outside-call', 'the gate runs tests and proofs, and asks git what is here', {
    'verify/self/run.ts': ['node:child_process'],
    'verify/self/tree.ts': ['node:child_process'],
  }),
  ...allowed(
    'outside-call',
    'the engine keeps compiled code on disk where a directory is given, and bundles of what differed',
    {
      'runtime/engine/disk.ts': ['node:fs/promises', 'process.kill'],
      'runtime/engine/cross-check.ts': ['node:fs/promises'],
    },
    'engine.disk',
  ),
  ...allowed(
    'outside-call',
    'the engine compiles and runs in threads of its own',
    {
      'runtime/engine/': ['node:worker_threads'],
      'runtime/kernels/helpers.ts': ['node:worker_threads'],
      'engine-thread.ts': ['node:worker_threads'],
    },
    'engine.threads',
  ),
  ...allowed('outside-call', 'the command line reads what it is given and writes what it was asked for', {
    'cli/': ['node:fs', 'node:fs/promises'],
    'cli/main.ts': ['process.chdir'],
    'cli/input.ts': ['process.stdin'],
    'cli/stray.ts': ['process', 'process.exit'],
    'verify/proofs/main.ts': ['process.exit'],
    'verify/self/main.ts': ['process.exit'],
    'cli/load/trouble.ts': ['node:child_process'],
    'cli/serve/top.ts': ['fetch'],
  }),
  ...allowed('outside-call', 'how many cores there are decides how many threads an engine has, and no answer', {
    'runtime/engine/options.ts': ['node:os'],
  }),
  ...allowed('outside-call', 'reports read the sources they speak of', {
    'verify/': ['node:fs'],
    'passes/trust.ts': ['node:fs'],
  }),
  ...allowed('outside-call', 'quoin check asks real databases', {
    'verify/sql/duckdb.ts': ['@duckdb/node-api'],
    'verify/sql/postgres.ts': ['pg'],
  }),
  ...allowed(
    'clock',
    'limits of time, ages and durations are taken from the clock that never steps back',
    {
      'runtime/cache.ts': now,
      'runtime/drivers/kv/index.ts': now,
      'runtime/drivers/retry.ts': now,
      'runtime/stopped.ts': now,
      'runtime/engine/': now,
      'verify/probes/index.ts': now,
      'reproduce.ts': now,
    },
    'monotonic-clock',
  ),
  ...allowed('clock', 'how long something took is told, and decides nothing', {
    'runtime/run.ts': now,
    'runtime/replay/recorder.ts': ['performance.now', 'new Date()'],
    'runtime/telemetry/index.ts': ['performance.now', 'performance.timeOrigin'],
    'passes/manager.ts': now,
    'verify/proofs/main.ts': now,
    'cli/run.ts': now,
    'cli/serve/serve.ts': now,
    'verify/gate/project/': now,
    'verify/self/': now,
  }),
  ...allowed('clock', 'a report says when it was made, and what has expired is told by the day', {
    'cli/verify.ts': ['new Date()'],
    'cli/verify/shelf.ts': ['new Date()'],
    'cli/assumptions.ts': ['new Date()'],
    'verify/gate/project/index.ts': ['new Date()'],
    'verify/self/': ['new Date()'],
  }),
  ...allowed(
    'clock',
    'this is the driver of the clock, and that of log lines, which carry a time',
    { 'runtime/drivers/clock/index.ts': ['Date.now', 'performance.now'], 'runtime/drivers/log/index.ts': ['Date.now'] },
    'clock.wall',
  ),
  ...allowed(
    'clock',
    'the age of a file is told by the wall clock; a wrong one costs a compile, never an answer',
    { 'runtime/engine/disk.ts': ['Date.now', 'new Date()'] },
    'engine.disk',
  ),
  ...allowed('clock', 'which tenth of the proofs is done again changes with the day', {
    'verify/proofs/main.ts': ['Date.now'],
  }),
  ...allowed(
    'randomness',
    'this is the driver of random bytes',
    { 'runtime/drivers/random/index.ts': ['crypto.getRandomValues'] },
    'random.source',
  ),
  ...allowed('randomness', 'waits before another try are drawn, so that not all come back at once', {
    'runtime/drivers/retry.ts': ['crypto.getRandomValues'],
    'runtime/transaction.ts': ['crypto.getRandomValues'],
  }),
  ...allowed('randomness', 'a name that nobody else has for a file or a key that soon goes again', {
    'runtime/drivers/files/': ['node:crypto'],
    'runtime/drivers/redis/probe.ts': ['node:crypto'],
    'runtime/engine/disk.ts': ['node:crypto'],
    'runtime/engine/cross-check.ts': ['node:crypto'],
    'cli/record.ts': ['node:crypto'],
    'cli/artifact/write.ts': ['node:crypto'],
    'cli/eject/write.ts': ['node:crypto'],
  }),
  ...allowed(
    'foreign-code',
    'the kernels of an artefact are loaded after their digest was compared with the manifest',
    { 'runtime/kernels/webassembly.ts': ['WebAssembly'], 'runtime/kernels/helper.ts': ['WebAssembly'] },
    'wasm-engine',
  ),
  ...allowed(
    'dynamic-code',
    'a generated module runs from its text where the engine allows it, else as a data URL',
    { 'runtime/module-text.ts': ['Function'], 'runtime/verified.ts': ['import()'], 'compile.ts': ['import()'] },
    'generated-text',
  ),
  ...allowed(
    'foreign-code',
    'a library for linear algebra is called where the user hands it in',
    { 'runtime/statics/blas.ts': ['koffi'] },
    'native-library',
  ),
  ...allowed(
    'dynamic-code',
    'a thread imports the script of this package that the engine names',
    { 'runtime/engine/run-thread.ts': ['import()'] },
    'engine.threads',
  ),
  ...allowed(
    'dynamic-code',
    'the command line imports the graph file that it is given',
    { 'cli/load/module.ts': ['import()'] },
    'graph-file',
  ),
  ...allowed(
    'dynamic-code',
    'what graph files import is written down as Node resolves it, and left as it is',
    { 'cli/verify/imports.ts': ['node:module'] },
    'graph-file',
  ),
  ...allowed('inexact-math', 'how hot a graph is decides when it is compiled, and no answer', {
    'runtime/engine/tiers.ts': ['**'],
    'runtime/engine/slices.ts': ['**'],
  }),
]
