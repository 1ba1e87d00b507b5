import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { program } from '../../cli/program.ts'

type Yaml = string | readonly Yaml[] | Map
type Map = { readonly [k: string]: Yaml }
/** Every scalar is a text, as the reader of actions takes them. */
const parseYaml = (source: string): Yaml => parse(source, { schema: 'failsafe' }) as Yaml
const text = readFileSync(new URL('../../action.yml', import.meta.url), 'utf8')
const action = parseYaml(text) as { readonly [k: string]: Map }
const steps = action.runs!.steps as readonly Map[]
const step = (name: string): Map => steps.find((s) => s.name === name)!

const directory = mkdtempSync(join(tmpdir(), 'quoin-action-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('it has what an action needs, and every input is used', () => {
  for (const key of ['name', 'description', 'inputs', 'outputs', 'runs']) expect(action[key], key).toBeDefined()
  expect(action.runs!.using).toBe('composite')
  for (const [name, input] of Object.entries(action.inputs!)) {
    expect((input as Map).description, name).toMatch(/\.$/)
    expect((input as Map).default, name).toBeDefined()
    expect(text, name).toContain(`inputs.${name}`)
  }
  for (const used of text.matchAll(/inputs\.([\w-]+)/g)) expect(Object.keys(action.inputs!)).toContain(used[1])
  const ids = steps.flatMap((s) => (s.id === undefined ? [] : [s.id]))
  for (const used of text.matchAll(/steps\.(\w+)\.outputs/g)) expect(ids).toContain(used[1])
})

test('each step runs in a shell that is named, or is an action of a version', () => {
  for (const s of steps) {
    expect(s.name).toBeDefined()
    if (s.uses === undefined) expect([s.name, s.shell, typeof s.run]).toEqual([s.name, 'bash', 'string'])
    else expect(s.uses).toMatch(/^actions\/[\w-]+@v\d+$/)
  }
})

test('nothing of an event stands in a script: what others wrote comes by the environment', () => {
  for (const s of steps) expect(String(s.run ?? ''), String(s.name)).not.toContain('${{')
})

test.each(steps.flatMap((s) => (s.run === undefined ? [] : [[String(s.name), String(s.run)] as const])))(
  'the script of %s is one that bash reads',
  (_, script) => {
    const file = join(directory, 'script.sh')
    writeFileSync(file, script)
    expect(spawnSync('bash', ['-n', file], { encoding: 'utf8' }).stderr).toBe('')
  },
)

/** Runs a step as the runner does, with a `quoin` that writes down how it was called. */
const run = (name: string, env: Readonly<Record<string, string>>, cwd: string, quoin = 'true') => {
  const bin = join(directory, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npx'), `#!/bin/bash\necho "$@" >> "${directory}/calls"\n${quoin}\n`)
  chmodSync(join(bin, 'npx'), 0o755)
  const files = { GITHUB_OUTPUT: join(directory, 'output'), GITHUB_STEP_SUMMARY: join(directory, 'summary') }
  for (const f of [...Object.values(files), join(directory, 'calls')]) writeFileSync(f, '')
  const done = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', String(step(name).run)], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, RUNNER_TEMP: directory, ...files, ...env },
  })
  return {
    code: done.status,
    err: done.stderr,
    out: done.stdout,
    output: readFileSync(files.GITHUB_OUTPUT, 'utf8'),
    calls: readFileSync(join(directory, 'calls'), 'utf8'),
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
  }
}

describe('its steps, with a quoin that only writes down how it was called', () => {
  test('a project that is not verified is still compared, and fails at the end', () => {
    const r = run('Verify', { TIER: 'fast' }, directory, 'echo "# no" > "$RUNNER_TEMP/quoin.md"; exit 1')
    expect(r).toMatchObject({ code: 0, summary: '# no\n' })
    expect(r.calls).toBe(
      `--no-install quoin verify --fast --sarif ${directory}/quoin.sarif --markdown ${directory}/quoin.md\n`,
    )
    expect(r.output).toContain('status=1\n')
    expect([run('End', { STATUS: '1' }, directory).code, run('End', { STATUS: '0' }, directory).code]).toEqual([1, 0])
    expect(run('Verify', { TIER: 'default' }, directory).calls).toContain('quoin verify --sarif')
    expect(run('Verify', { TIER: 'sloppy' }, directory)).toMatchObject({ code: 2 })
  })
  test('plans are compared with the commit that the pull request goes to, in the same directory of it', () => {
    const repository = join(directory, 'repository')
    mkdirSync(join(repository, 'app/node_modules'), { recursive: true })
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: repository, encoding: 'utf8' })
    git('init', '-q')
    writeFileSync(join(repository, '.gitignore'), 'node_modules\n')
    writeFileSync(join(repository, 'app/graph.ts'), 'before\n')
    git('add', '.')
    git('commit', '-qm', 'before')
    const base = git('rev-parse', 'HEAD').trim()
    writeFileSync(join(repository, 'app/graph.ts'), 'after\n')
    git('commit', '-qam', 'after')
    const r = run(
      'Compare plans',
      { BASE: base, ROWS: '9' },
      join(repository, 'app'),
      'cat "$4/graph.ts"; test -d "$4/node_modules"',
    )
    expect(r).toMatchObject({ code: 0, summary: 'before\n', output: `page=${directory}/quoin-plans.md\n` })
    expect(r.calls).toBe(`--no-install quoin diff ${directory}/quoin-base/app/ . --markdown --rows 9\n`)
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
    // What an earlier run has left stands in nobody's way, and packages may lie in a directory around.
    git('worktree', 'add', '-q', '--detach', join(directory, 'quoin-base'), base)
    mkdirSync(join(repository, 'node_modules'))
    rmSync(join(repository, 'app/node_modules'), { recursive: true })
    const again = run(
      'Compare plans',
      { BASE: base, ROWS: '9' },
      join(repository, 'app'),
      'cat "$4/graph.ts"; test -d "$4/../node_modules"',
    )
    expect(again).toMatchObject({ code: 0, summary: 'before\n' })
  })
  test('what an earlier use has left is not told again', () => {
    writeFileSync(join(directory, 'quoin.md'), '# of another\n')
    writeFileSync(join(directory, 'quoin.sarif'), '{}')
    expect(run('Verify', { TIER: 'fast' }, directory, 'exit 1')).toMatchObject({ code: 0, summary: '' })
    expect(existsSync(join(directory, 'quoin.sarif'))).toBe(false)
  })
  test('a comment is found again by its first line, and one that may not be written is a warning', () => {
    const page = join(directory, 'page.md')
    writeFileSync(page, 'the plans\n')
    const gh = (script: string) => {
      const bin = join(directory, 'bin')
      mkdirSync(bin, { recursive: true })
      writeFileSync(join(bin, 'gh'), `#!/bin/bash\n${script}\n`)
      chmodSync(join(bin, 'gh'), 0o755)
      writeFileSync(join(directory, 'asked'), '')
      const env = { PAGE: page, PULL: '7', REPOSITORY: 'me/it', MARKER: '<!-- quoin, plans of app -->' }
      return { ...run('Comment', env, directory), asked: readFileSync(join(directory, 'asked'), 'utf8') }
    }
    const note = `echo "$@" >> "${directory}/asked"`
    const asks = `[[ "$*" == *--paginate* ]]`
    expect(gh(`${note}; if ${asks}; then printf '11\\n12\\n'; fi`).asked).toContain(
      `--method PATCH repos/me/it/issues/comments/11 -F body=@${directory}/quoin-comment.md`,
    )
    expect(gh(note).asked).toContain('--method POST repos/me/it/issues/7/comments')
    expect(readFileSync(join(directory, 'quoin-comment.md'), 'utf8')).toBe('<!-- quoin, plans of app -->\nthe plans\n')
    for (const refused of ['exit 1', `${asks} || exit 1`])
      expect(gh(refused)).toMatchObject({ code: 0, out: expect.stringContaining('::warning') })
  })
})

describe('the page about continuous integration', () => {
  const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8')
  const blocks = (language: string): readonly string[] =>
    [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, l, body]) => (l === language ? [body!] : []))
  test('its workflows are YAML, and give the action inputs that it has', () => {
    const read = blocks('yaml').map((b) => parseYaml(b)) as readonly Map[]
    expect(read).toHaveLength(2)
    const job = (read[0]!.jobs as Map).quoin as { readonly steps: readonly Map[] }
    for (const name of Object.keys(job.steps[1]!.with as Map)) expect(Object.keys(action.inputs!)).toContain(name)
    expect((read[0]!.permissions as Map)['pull-requests']).toBe('write')
  })
  test('its commands are commands of quoin, with options that they have', async () => {
    const commands = [...page.matchAll(/quoin (verify|diff)((?: [^\s`]+)*)/g)]
    expect(commands.length).toBeGreaterThan(4)
    for (const [, name, rest] of commands) {
      const known = program({} as never).commands.find((c) => c.name() === name)!
      for (const [flag] of rest!.matchAll(/--[\w-]+/g))
        if (flag !== '--help')
          expect([name, known.options.map((o) => o.long)]).toEqual([name, expect.arrayContaining([flag])])
    }
  })
})
