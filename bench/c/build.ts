import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expansions } from './expansions.ts'

const run = promisify(execFile)

/** A program for this processor and a module for WebAssembly, or why there is none; built once a process. */
export interface Built {
  readonly directory: string
  readonly native: string | { readonly absent: string }
  readonly wasm: string | { readonly absent: string }
}
let building: Promise<Built> | undefined
export const built = (): Promise<Built> => {
  building ??= build()
  return building
}
/** Takes away what was built. */
export const cleaned = async (): Promise<void> => {
  if (building !== undefined) await rm((await building).directory, { recursive: true, force: true })
  building = undefined
}

const build = async (): Promise<Built> => {
  const directory = await mkdtemp(join(tmpdir(), 'quoin-bench-'))
  await writeFile(join(directory, 'expansions.h'), expansions(['exp', 'log']))
  const source = ['-I', directory, new URL('main.cpp', import.meta.url).pathname]
  const [native, wasm] = [join(directory, 'peer'), join(directory, 'peer.wasm')]
  const common = ['-std=c++17', '-O3', '-fno-math-errno', '-fno-trapping-math', '-w']
  return {
    directory,
    native: await first(['g++', 'clang++'], [...common, '-march=native', '-o', native, ...source], native),
    // Contraction is off, so that it computes what Quoin computes.
    wasm: await first(
      ['clang++', 'clang++-19', 'clang++-16', 'clang-19'],
      [
        ...common,
        '-ffp-contract=off',
        '--target=wasm32',
        '-msimd128',
        '-mbulk-memory',
        '-ffreestanding',
        '-nostdlib',
        '-Wl,--no-entry',
        '-Wl,--export-memory',
        '-Wl,--max-memory=4294901760',
        '-Wl,--export=__heap_base',
        '-o',
        wasm,
        ...source,
      ],
      wasm,
    ),
  }
}

/** The first compiler that makes it. */
const first = async (
  compilers: readonly string[],
  flags: readonly string[],
  file: string,
): Promise<string | { readonly absent: string }> => {
  let reason = ''
  for (const c of compilers) {
    try {
      await run(c, flags)
      return file
    } catch (e) {
      const { code, stderr } = e as { code?: string | number; stderr?: string }
      if (code !== 'ENOENT' || reason === '')
        reason = code === 'ENOENT' ? `needs ${c}` : `${c} failed: ${String(stderr).split('\n')[0]}`
    }
  }
  return { absent: reason }
}
