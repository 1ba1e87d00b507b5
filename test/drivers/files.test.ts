// Requirements: E7 E8

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Call } from '../../graph/effects.ts'
import type { Value } from '../../graph/values.ts'
import { classifyFileError, files } from '../../runtime/drivers/files/index.ts'
import { bad, calm, fileRead, good, told } from './calls.ts'

const write = (path: string, content: Value, maxBytes = 1e9): Call => ({
  effect: 'fileWrite',
  attrs: { occurrence: 3, root: 'out', path: '*', maxBytes },
  args: [path, content],
  argTypes: [],
  iteration: [],
})
let dir = ''
let root = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'quoin-'))
  root = join(dir, 'root')
  mkdirSync(join(root, 'sub'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('writing', () => {
  test('text and bytes, new and replaced, below the root', async () => {
    const out = files({ root })
    expect(good(await out.perform(write('a.txt', 'é'), calm))).toBeNull()
    expect(good(await out.perform(write('sub/b.bin', Uint8Array.of(0, 255)), calm))).toBeNull()
    expect(good(await out.perform(write('./a.txt', 'new'), calm))).toBeNull()
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('new')
    expect([...readFileSync(join(root, 'sub/b.bin'))]).toEqual([0, 255])
    expect(readdirSync(root).sort()).toEqual(['a.txt', 'sub'])
    await out.close()
  })
  test('the mode of a replaced file is kept', async () => {
    writeFileSync(join(root, 'a'), 'x')
    chmodSync(join(root, 'a'), 0o600)
    good(await files({ root }).perform(write('a', 'y'), calm))
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o600)
  })
  test('many writers of one file leave one of their contents whole', async () => {
    const out = files({ root })
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000))
    await Promise.all(texts.map((t) => out.perform(write('same', t), calm)))
    expect(texts).toContain(readFileSync(join(root, 'same'), 'utf8'))
    expect(readdirSync(root)).toHaveLength(2)
  })
})

describe('confinement', () => {
  test.each([
    ['../x', "the path '../x' holds .."],
    ['a/../../x', "the path 'a/../../x' holds .."],
    ['sub\\..\\..\\x', "the path 'sub\\..\\..\\x' holds .."],
    ['/etc/x', "the path '/etc/x' is absolute"],
    ['C:\\x', "the path 'C:\\x' is absolute"],
    ['', "the path '' names no file"],
    ['sub/', "the path 'sub/' names no file"],
    ['.', "the path '.' names no file"],
    ['a\0b', "the path 'a\0b' holds a zero character"],
  ])('%j', async (path, cause) => {
    expect(told(await files({ root }).perform(write(path, 'x'), calm))).toEqual([
      'Escape',
      cause,
      'write a relative path below the root, such as reports/today.json',
    ])
  })
  test('symbolic links lead nowhere', async () => {
    mkdirSync(join(dir, 'outside'))
    symlinkSync(join(dir, 'outside'), join(root, 'door'))
    writeFileSync(join(dir, 'secret'), 'old')
    symlinkSync(join(dir, 'secret'), join(root, 'link'))
    expect(told(await files({ root }).perform(write('door/x', 'x'), calm))[1]).toBe(
      "the path 'door/x' leaves the root through a symbolic link",
    )
    expect(told(await files({ root }).perform(write('link', 'x'), calm))[1]).toBe("the path 'link' is a symbolic link")
    expect(readFileSync(join(dir, 'secret'), 'utf8')).toBe('old')
    expect(existsSync(join(dir, 'outside/x'))).toBe(false)
  })
  test('a root that is itself a link is fine', async () => {
    symlinkSync(root, join(dir, 'alias'))
    good(await files({ root: join(dir, 'alias') }).perform(write('a', 'x'), calm))
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('x')
  })
})

describe('errors', () => {
  test('sizes', async () => {
    const out = files({ root, maxBytes: 10 })
    expect(told(await out.perform(write('a', 'ééééée'), calm))).toEqual([
      'TooLarge',
      "'a' would have 11 bytes, and at most 10 are allowed",
      'raise maxBytes of the driver and of the write, or write less',
    ])
    expect(told(await out.perform(write('a', 'abc', 2), calm))[0]).toBe('TooLarge')
    expect(readdirSync(root)).toEqual(['sub'])
  })
  test('what is missing, and what is in the way', async () => {
    const out = files({ root })
    expect(told(await out.perform(write('no/a', 'x'), calm))).toEqual([
      'NotFound',
      "the directory of 'no/a' does not exist",
      'create it first: the driver writes files, not directories',
    ])
    expect(told(await files({ root: join(dir, 'none') }).perform(write('a', 'x'), calm))[1]).toBe(
      `the root '${join(dir, 'none')}' does not exist`,
    )
    writeFileSync(join(root, 'file'), '')
    expect(told(await out.perform(write('file/a', 'x'), calm))[0]).toBe('NotFound')
    expect(told(await out.perform(write('sub', 'x'), calm))).toEqual([
      'Unknown',
      "'sub' cannot be written: a directory has this name",
      'choose another name',
    ])
    expect(readdirSync(root).sort()).toEqual(['file', 'sub']) // no temporary file is left
    expect(told(await out.perform(write('x'.repeat(300), 'x'), calm))[1]).toContain('the name is too long')
    expect(readdirSync(root).sort()).toEqual(['file', 'sub'])
  })
  test.each([
    ['ENOSPC', 'NoSpace'],
    ['EDQUOT', 'NoSpace'],
    ['EACCES', 'Permission'],
    ['EROFS', 'Permission'],
    ['EPERM', 'Permission'],
    ['ENOENT', 'NotFound'],
    ['EIO', 'Unknown'],
  ])('%s is %s', (code, tag) => {
    const e = Object.assign(new Error(code), { code })
    expect(classifyFileError(e, 'a')).toMatchObject({ tag, original: e })
  })
})

describe('reading', () => {
  const read = (path: string, as: 'string' | 'bytes' = 'string', most = 100) =>
    files({ root }).perform(fileRead(path, as, most), calm)
  test('text to the letter, and bytes', async () => {
    writeFileSync(join(root, 'a'), '\ufeffé😀')
    expect(good(await read('a'))).toBe('\ufeffé😀')
    writeFileSync(join(root, 'b'), Uint8Array.of(0x61, 0xff))
    expect(good(await read('b', 'bytes'))).toEqual(Uint8Array.of(0x61, 0xff))
    expect(told(await read('b'))).toEqual([
      'Decode',
      "'b' is not UTF-8 text",
      'read it with readBytes, or correct the file',
    ])
    writeFileSync(join(root, 'empty'), '')
    expect(good(await read('empty'))).toBe('')
  })
  test('what is missing, too large or no file', async () => {
    expect(told(await read('none'))).toEqual([
      'NotFound',
      "'none' cannot be read: there is no such file",
      'check the path',
    ])
    writeFileSync(join(root, 'a'), 'x'.repeat(101))
    expect(told(await read('a'))).toEqual([
      'TooLarge',
      "'a' has more than 100 bytes",
      'raise maxBytes of the driver and of the read',
    ])
    expect(good(await read('a', 'string', 101))).toHaveLength(101)
    expect(told(await read('sub')).slice(0, 2)).toEqual(['Unknown', "'sub' cannot be read: it is no file"])
    expect(told(await files({ root, maxBytes: 5 }).perform(fileRead('a'), calm))[0]).toBe('TooLarge')
  })
  test.each(['../secret', '/etc/passwd', 'a/../../x', '', 'a\0b', 'C:x', '.'])('%j is refused', async (path) => {
    expect(told(await read(path))[0]).toBe('Escape')
  })
  test('links out of the root, a pipe that nobody writes, and cancelling', async () => {
    writeFileSync(join(dir, 'secret'), 'old')
    symlinkSync(join(dir, 'secret'), join(root, 'link'))
    expect(told(await read('link'))[0]).toBe('Escape')
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(told(await read('pipe'))[1]).toBe("'pipe' cannot be read: it is no file")
    expect(told(await files({ root }).perform(fileRead('a'), { signal: AbortSignal.abort() }))).toEqual([
      'Cancelled',
      "reading 'a' was cancelled",
      'run again when the answer is wanted',
    ])
  })
})

describe('stopping', () => {
  const big = new Uint8Array(200 * 2 ** 20)
  test('cancelled in the middle leaves the old file and nothing else', async () => {
    writeFileSync(join(root, 'a'), 'old')
    const stop = new AbortController()
    const out = files({ root, maxBytes: 1e9 })
    setTimeout(() => stop.abort(), 15)
    const answer = await out.perform(write('a', big), stop)
    expect(told(answer)).toEqual([
      'Cancelled',
      "writing 'a' was cancelled",
      'nothing is wrong with the file: it holds what it held before',
    ])
    expect(bad(answer)).toMatchObject({ occurrence: 3, node: 'fileWrite' })
    await out.close()
    expect(readdirSync(root).sort()).toEqual(['a', 'sub'])
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('old')
    expect(told(await out.perform(write('a', 'x'), { signal: AbortSignal.abort() }))[0]).toBe('Cancelled')
  })
  test('the time limit', async () => {
    const out = files({ root, maxBytes: 1e9, timeoutMs: 10 })
    expect(told(await out.perform(write('a', big), calm))).toEqual([
      'Timeout',
      "the time limit of 10 ms ended while 'a' was being written",
      "check the disk, or set a longer timeoutMs in the driver's options",
    ])
    await out.close()
    expect(readdirSync(root)).toEqual(['sub'])
  })
})
